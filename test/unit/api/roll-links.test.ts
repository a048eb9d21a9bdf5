import { hashToken, keyIdOf } from "@gatepost/core/keys";
import { hourMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { noon, passing, runtime, type TestRuntime, told } from "./support.ts";

let deps: TestRuntime;
let roll: { id: string };
beforeEach(async () => {
  deps = await runtime();
  for (const [box, id, hours] of [
    ["gate-1", "1", -2],
    ["gate-2", "2", -1],
  ] as const) {
    await deps.deps.boxes.writer.set(box, { site: "hq" });
    const timestamp = noon + hours * hourMs;
    const body = passing({ identity_id: id, identity_name: `P${id}`, timestamp });
    await deps.deliver(body, { box, receivedAt: timestamp + 500 });
    const { devices = [] } = (await deps.deps.boxes.reader.get(box)) ?? {};
    for (const { key } of devices) await deps.deps.boxes.writer.set(box, { device: { key, direction: "in" } });
    deps.ingest.now += 10_000;
  }
  ({ body: roll } = await ask("/v1/rolls", { site: "hq", isDrill: true }));
});

async function ask(path: string, json?: object, as: { method?: string; headers?: Record<string, string> } = {}) {
  const sent = json === undefined ? {} : { method: "POST", body: JSON.stringify(json) };
  return told(deps, path, { ...sent, ...as });
}

const nobody = { authorization: "" };
const make = (name = "Gate S2", headers: Record<string, string> = {}) =>
  ask(`/v1/rolls/${roll.id}/links`, { name }, { headers });
const open = (token: string) => ask(`/v1/roll-links/${token}`, undefined, { headers: nobody });
const send = (token: string, ticks: object[], headers: Record<string, string> = nobody) =>
  ask(`/v1/roll-links/${token}/ticks`, { ticks }, { headers });
const tick = (key: string, n = 1) => ({
  id: `tic_0000000${n}`,
  key,
  isSafe: true,
  at: new Date(deps.ingest.now).toISOString(),
});

describe("a link of an evacuation list", () => {
  it("opens this list without an account, and ticks under its name", async () => {
    const { status, body: link } = await make();
    expect([status, link.name, link.url.endsWith(`/#roll=${link.token}`)]).toEqual([201, "Gate S2", true]);
    const opened = await open(link.token);
    expect(opened).toMatchObject({ status: 200, body: { id: roll.id, link: { name: "Gate S2" } } });
    expect(opened.body.people).toHaveLength(2);
    const ticked = await send(link.token, [tick("gate-1/1")]);
    expect(ticked.body.ticks).toMatchObject([{ key: "gate-1/1", by: { account: null, name: "Gate S2" } }]);
    expect((await ask(`/v1/rolls/${roll.id}/ticks`)).body.ticks).toEqual(ticked.body.ticks);
    expect((await ask(`/v1/roll-links/${link.token}/ticks`)).body).toEqual({
      state: "begun",
      people: 2,
      outs: [],
      ...ticked.body,
    });
  });

  it("ends with the session of a first link, not of a key", async () => {
    const user = async (path: string, body?: object, token?: string) => {
      const headers = token === undefined ? { authorization: "" } : { authorization: `Bearer ${token}` };
      const answer = await deps.ask(path, { method: "POST", headers, ...(body && { body: JSON.stringify(body) }) });
      return { authorization: "", cookie: answer.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
    };
    const { body: first } = await ask("/v1/sign-in/links", {});
    const sessions = [
      await user("/v1/sign-in/setup", { code: first.code }),
      await user("/v1/sign-in/key", undefined, deps.tokens.admin),
    ];
    const opened: number[][] = [];
    for (const headers of sessions) {
      const { body: link } = await make("Gate S2", headers);
      const before = await open(link.token);
      await ask("/v1/sessions/current", undefined, { method: "DELETE", headers });
      opened.push([before.status, (await open(link.token)).status]);
    }
    expect(opened).toEqual([
      [200, 404],
      [200, 200],
    ]);
  });

  it("opens nothing else", async () => {
    const { body: link } = await make();
    const headers = { authorization: `Bearer ${link.token}` };
    for (const path of ["/v1/me", "/v1/events", "/v1/rolls", `/v1/rolls/${roll.id}`, "/v1/presence?site=hq"]) {
      expect((await ask(path, undefined, { headers })).status).toBe(401);
    }
  });

  it("shows what its maker sees", async () => {
    const manager = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-2"] }));
    const { body: link } = await make("Gate N1", manager);
    expect((await open(link.token)).body.people).toMatchObject([{ key: "gate-2/2" }]);
    expect((await send(link.token, [tick("gate-1/1")])).body.ticks).toEqual([]);
  });

  it("shows the boxes that its maker sees now, of those at its making", async () => {
    const id = await addAccount(deps, "manager", { boxes: ["gate-1", "gate-2"] });
    const { body: link } = await make("Gate N1", await signedIn(deps, id));
    const seen = async () => {
      const { status, body } = await open(link.token);
      return status === 200 ? body.people.map(({ key }: { key: string }) => key) : status;
    };
    const change = (sight: object) => ask(`/v1/accounts/${id}`, { sites: null, ...sight }, { method: "PATCH" });
    expect(await seen()).toEqual(["gate-1/1", "gate-2/2"]);
    await change({ boxes: ["gate-2", "gate-3"] });
    expect(await seen()).toEqual(["gate-2/2"]);
    expect((await send(link.token, [tick("gate-1/1")])).body.ticks).toEqual([]);
    await change({ boxes: ["gate-3"] });
    expect(await seen()).toBe(404);
    await change({ boxes: null });
    expect(await seen()).toEqual(["gate-1/1", "gate-2/2"]);
  });

  it("shows no box that its maker sees only later", async () => {
    const id = await addAccount(deps, "manager", { boxes: ["gate-2"] });
    const { body: link } = await make("Gate N1", await signedIn(deps, id));
    await ask(`/v1/accounts/${id}`, { sites: ["hq"], boxes: null }, { method: "PATCH" });
    expect((await open(link.token)).body.people).toMatchObject([{ key: "gate-2/2" }]);
    await deps.deps.boxes.writer.set("gate-2", { site: "depot" });
    expect((await open(link.token)).status).toBe(404);
  });

  it("ends with the key of its maker", async () => {
    const token = deps.ingest.addKey("admin", null);
    const { body: link } = await make("Gate N1", { authorization: `Bearer ${token}` });
    expect((await open(link.token)).status).toBe(200);
    expect((await ask(`/v1/keys/${keyIdOf(hashToken(token))}`, undefined, { method: "DELETE" })).status).toBe(204);
    expect(await open(link.token)).toMatchObject({ status: 404, body: { code: "ended" } });
    expect((await send(link.token, [tick("gate-1/1")])).status).toBe(404);
  });

  it("ends when the key of its maker expires", async () => {
    const expiresAt = deps.ingest.now + hourMs;
    const token = deps.ingest.addKey("admin", null, { expiresAt });
    const { body: link } = await make("Gate N1", { authorization: `Bearer ${token}` });
    deps.ingest.now = expiresAt - 1;
    expect((await open(link.token)).status).toBe(200);
    deps.ingest.now = expiresAt;
    expect((await open(link.token)).status).toBe(404);
  });

  it.each([{ role: "guard" }, { isDisabled: true }])("ends when its maker is changed to %o", async (change) => {
    const id = await addAccount(deps, "manager");
    const { body: link } = await make("Gate N1", await signedIn(deps, id));
    expect((await open(link.token)).status).toBe(200);
    expect((await ask(`/v1/accounts/${id}`, change, { method: "PATCH" })).status).toBe(200);
    expect((await open(link.token)).status).toBe(404);
    expect((await send(link.token, [tick("gate-1/1")])).status).toBe(404);
    // The maker is raised again.
    const raised = await ask(`/v1/accounts/${id}`, { role: "administrator", isDisabled: false }, { method: "PATCH" });
    expect(raised.status).toBe(200);
    expect(await open(link.token)).toMatchObject({ status: 404, body: { code: "ended" } });
    const { body: next } = await make("Gate N1", await signedIn(deps, id));
    expect((await open(next.token)).status).toBe(200);
  });

  it("stays if its maker is renamed, raised or signed out", async () => {
    const id = await addAccount(deps, "manager");
    const { body: link } = await make("Gate N1", await signedIn(deps, id));
    for (const change of [{ name: "Li" }, { role: "administrator" }]) {
      expect((await ask(`/v1/accounts/${id}`, change, { method: "PATCH" })).status).toBe(200);
    }
    await deps.deps.accounts.endSessions(id);
    expect((await open(link.token)).status).toBe(200);
  });

  it("ends with the list, after a day, and when a manager ends all", async () => {
    const ends: Record<string, () => Promise<unknown>> = {
      links: () => ask(`/v1/rolls/${roll.id}/links`, undefined, { method: "DELETE" }),
      day: async () => {
        deps.ingest.now += 24 * hourMs;
      },
      list: () => ask(`/v1/rolls/${roll.id}/close`, undefined, { method: "POST" }),
    };
    for (const end of Object.values(ends)) {
      const { body: link } = await make();
      expect((await open(link.token)).status).toBe(200);
      await end();
      expect(await open(link.token)).toMatchObject({ status: 404, body: { code: "ended" } });
      expect((await send(link.token, [tick("gate-1/1")])).status).toBe(404);
    }
    expect(await make()).toMatchObject({ status: 409, body: { code: "closed" } });
  });

  it("ends while people are switched off", async () => {
    const { body: link } = await make();
    await ask("/v1/people/settings", { isOn: false, hoursDays: null }, { method: "PUT" });
    expect(await open(link.token)).toMatchObject({ status: 403, body: { code: "people-off" } });
    await ask("/v1/people/settings", { isOn: true, hoursDays: null }, { method: "PUT" });
    expect((await open(link.token)).status).toBe(404);
  });

  it("is not found by guessing: an address that tries is refused", async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 40; n++) statuses.add((await open(`gpe_${String(n).padStart(27, "0")}`)).status);
    expect([...statuses]).toEqual([404, 429]);
    for (const wrong of ["gpe_", "x", "gpr_Vq3kZ0x7hT2mN5sJ8wB4cR6yUaE"]) {
      expect([404, 429]).toContain((await open(wrong)).status);
    }
  });

  it("has at most 100 links, and refuses a page of another site", async () => {
    const { body: link } = await make();
    const elsewhere = { ...nobody, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect((await send(link.token, [tick("gate-1/1")], elsewhere)).status).toBe(403);
    for (let n = 1; n < 100; n++) await make(`Warden ${n}`);
    expect(await make()).toMatchObject({ status: 409, body: { code: "too-many" } });
  });

  it("is in the audit log without its token and its name", async () => {
    const { body: link } = await make("Someone Secret");
    await send(link.token, [tick("gate-1/1")]);
    const { items } = await deps.deps.auditReader.list({}, { limit: 10, cursor: null });
    const done = items.filter(({ outcome }) => outcome === "done").map(({ action, by, about }) => [action, by, about]);
    expect(done.slice(0, 2)).toMatchObject([
      ["roll-ticked", link.id, { roll: roll.id, count: 1 }],
      ["roll-linked", expect.any(String), { roll: roll.id, link: link.id }],
    ]);
    expect(JSON.stringify(items)).not.toMatch(/Someone Secret|gpe_/);
  });
});
