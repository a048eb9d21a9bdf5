import { beforeEach, describe, expect, it } from "vitest";
import { jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
let settler: string;
beforeEach(async () => {
  deps = await runtime();
  settler = deps.ingest.addKey("settle", null);
});

/** Delivers a passing, and returns its event and its action, if it asks for one. */
async function passed(body: Parameters<typeof passing>[0]): Promise<{ event: string; action: string }> {
  const [outcome] = await deps.deliver(passing({ ...body, extData: { recognize_face: jpeg("x").toString("base64") } }));
  const event = outcome?.event?.id ?? "";
  const [action] = await deps.deps.actionReader.ofEvent(event);
  return { event, action: action?.id ?? "" };
}

const get = async (path: string) => (await deps.ask(path, { token: settler })).status;

async function post(action: string, body: object) {
  const answer = await deps.ask(`/v1/actions/${action}`, {
    method: "POST",
    token: settler,
    body: JSON.stringify(body),
  });
  return { status: answer.status, said: (await answer.json()) as Record<string, unknown> };
}

describe("a key of scope settle", () => {
  it("reports the result of an action that no person has approved", async () => {
    for (const [index, wanted] of ["1001", "1002"].entries()) {
      const { action } = await passed({ want_action: wanted, timestamp: noon + index });
      expect((await post(action, { state: "failed", note: "no photo" })).said).toMatchObject({ state: "failed" });
      expect((await post(action, { state: "done", note: "4711" })).said).toMatchObject({
        state: "done",
        reason: "4711",
      });
    }
  });

  it("declines and reopens nothing", async () => {
    const { action } = await passed({ want_action: "1002" });
    for (const state of ["declined", "open"])
      expect(await post(action, { state })).toMatchObject({
        status: 403,
        said: { detail: "a settle key declines nothing; sign in, or use an admin key" },
      });
  });

  it("reads an action, its photo, its event and the pictures", async () => {
    const { action, event } = await passed({ want_action: "1002" });
    const paths = [`actions/${action}`, `actions/${action}/photo`, `events/${event}`, `events/${event}/pictures/face`];
    for (const path of paths) expect([path, await get(`/v1/${path}`)]).toEqual([path, 200]);
    const shown = await (await deps.ask(`/v1/actions/${action}`, { token: settler })).json();
    expect(shown).toMatchObject({ event: { id: event } });
  });

  it("finds no event that asks for nothing, nor its pictures", async () => {
    const { event } = await passed({ want_action: "0" });
    expect([await get(`/v1/events/${event}`), await get(`/v1/events/${event}/pictures/face`)]).toEqual([404, 404]);
    expect((await deps.ask(`/v1/events/${event}`)).status).toBe(200);
  });

  it("is for every box, and has no limits", async () => {
    for (const more of [
      { box: "gate-1" },
      { boxes: ["gate-1"] },
      { site: "hq" },
      { people: true },
      { dailyBytes: 1 },
    ]) {
      const body = JSON.stringify({ scope: "settle", ...more });
      expect((await deps.ask("/v1/keys", { method: "POST", body })).status).toBe(400);
    }
    const made = await deps.ask("/v1/keys", { method: "POST", body: JSON.stringify({ scope: "settle" }) });
    expect(await made.json()).toMatchObject({ scope: "settle", box: null, token: expect.stringMatching(/^gpo_/) });
  });
});
