import { instant } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { auditEntries } from "../../support/audit.ts";
import { addAccount, signedIn } from "./people.ts";
import { jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

const face = jpeg("a face").toString("base64");

let deps: TestRuntime;
let stranger: string;
let update: string;
beforeEach(async () => {
  deps = await runtime();
  deps.ingest.failing.delete("bus");
  stranger = await asked({ want_action: "1001", identity_id: "s.1", extData: { person_type: 4 } });
  update = await asked({ want_action: "1002", timestamp: noon + 1, score: 0.95 });
});

async function asked(body: Parameters<typeof passing>[0], box = "gate-1"): Promise<string> {
  const extData = { recognize_face: face, ...body?.extData };
  const [outcome] = await deps.deliver(passing({ ...body, extData }), { box });
  const [action] = await deps.deps.actionReader.ofEvent(outcome?.event?.id ?? "");
  return action?.id ?? "";
}

const actionAnswer = z.looseObject({
  id: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  at: z.string(),
  decline: z.nullable(z.looseObject({ reason: z.string().nullable(), byName: z.string().nullable() })),
  declinedBefore: z.unknown().optional(),
});

const decide = async (id: string, body: object, headers: Record<string, string> = {}) => {
  const answer = await deps.ask(`/v1/actions/${id}`, { method: "POST", body: JSON.stringify(body), headers });
  const read: unknown = await answer.json();
  return { status: answer.status, body: read, action: actionAnswer.safeParse(read).data };
};
const withKey = (token: string) => ({ authorization: `Bearer ${token}` });
const as = async (role: "guard" | "manager", name: string, boxes: string[] | null = null) =>
  signedIn(deps, await addAccount(deps, role, { name, boxes }));
const listed = async (query: string) => {
  const answer = await deps.ask(`/v1/actions?${query}`);
  return z.object({ actions: z.array(actionAnswer) }).parse(await answer.json()).actions;
};
const count = async (query: string) => (await deps.ask(`/v1/actions/count?${query}`)).json();
const announcedEntries = () => deps.ingest.announced.filter(({ detailType }) => detailType === "Action Declined");

const declined = { state: "declined", reason: "delivery", note: " for 王芳 " };

describe("declining an action", () => {
  it("ends it, with who, when and why, and tells subscribers", async () => {
    const guard = await as("guard", "王磊");
    const { status, action } = await decide(stranger, declined, guard);
    const at = instant(deps.ingest.now);
    expect([status, action]).toMatchObject([
      200,
      { state: "declined", reason: "delivery", decline: { reason: "delivery", note: "for 王芳", at, byName: "王磊" } },
    ]);
    expect(action?.decline).not.toHaveProperty("before");
    const eventId = `evt_${stranger.slice(4, 30)}`;
    expect(announcedEntries()).toMatchObject([
      {
        time: at,
        detail: {
          action: stranger,
          eventId,
          wantAction: "1001",
          reason: "delivery",
          note: "for 王芳",
          at,
          by: { account: expect.stringMatching(/^acc_/), name: "王磊" },
        },
      },
    ]);
    expect(announcedEntries()[0]?.detail).not.toHaveProperty("event");
    expect((await listed("state=pending,announced,failed")).map(({ id }) => id)).toEqual([update]);
  });

  it("is told with the event if the bus receives events", async () => {
    deps.deps.announcesEvents = true;
    await decide(update, { state: "declined" });
    expect(announcedEntries()).toMatchObject([{ detail: { reason: null, event: { person: { name: "Ada" } } } }]);
  });

  it("taken back, it is as it was, and nothing else is told", async () => {
    const [, before] = await listed("");
    deps.ingest.now += 1000;
    await decide(stranger, declined);
    const { action } = await decide(stranger, { state: "open" });
    expect(action).toMatchObject({ state: before?.state, at: before?.at, reason: null, decline: null });
    expect((await listed("")).map(({ id }) => id)).toEqual([update, stranger]);
    expect(announcedEntries()).toHaveLength(1);
    expect((await decide(stranger, { state: "open" })).status).toBe(409);
  });

  it("an announcement that the bus did not take is made by the same request", async () => {
    deps.ingest.failing.set("bus", new Error("the bus is away"));
    expect(await decide(stranger, declined)).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining("send the same again") },
    });
    deps.ingest.failing.delete("bus");
    expect((await decide(stranger, declined)).status).toBe(200);
    expect(announcedEntries()).toHaveLength(1);
  });

  it("guards and admin keys may decline; read keys may not; results are for managers", async () => {
    const guard = await as("guard", "guard");
    const other = await as("guard", "guard of another box", ["gate-9"]);
    const limited = withKey(deps.ingest.addKey("read", null, { boxes: ["gate-1"] }));
    for (const state of ["declined", "open"]) {
      expect((await decide(stranger, { state }, withKey(deps.tokens.read))).status).toBe(403);
      expect((await decide(stranger, { state }, limited)).status).toBe(403);
      expect((await decide(stranger, { state }, other)).status).toBe(404);
    }
    for (const state of ["done", "failed"]) expect((await decide(update, { state }, guard)).status).toBe(403);
    expect((await decide(update, { state: "done" }, await as("manager", "manager"))).status).toBe(200);
    expect((await decide(stranger, { state: "declined" })).status).toBe(200);
    expect(announcedEntries()).toHaveLength(1);
  });

  it("both decisions are in the audit log, without the note; a result is not", async () => {
    await decide(stranger, declined);
    await decide(stranger, { state: "open" });
    await decide(update, { state: "done" });
    const entries = (await auditEntries(deps.deps.auditReader)).map(({ action, outcome, about }) => ({
      action,
      outcome,
      reason: about["reason"],
    }));
    expect(entries).toEqual([
      { action: "action-declined", outcome: "asked", reason: "delivery" },
      { action: "action-declined", outcome: "done", reason: "delivery" },
      { action: "action-reopened", outcome: "asked", reason: undefined },
      { action: "action-reopened", outcome: "done", reason: undefined },
    ]);
    expect(JSON.stringify(await auditEntries(deps.deps.auditReader))).not.toContain("王芳");
  });

  it.each([
    ["another reason", { state: "declined", reason: "rain" }],
    ["a long note", { state: "declined", note: "x".repeat(501) }],
    ["a note that is no text", { state: "declined", note: { a: 1 } }],
    ["another member", { state: "declined", boxes: [] }],
    ["a reason for taking it back", { state: "open", reason: "delivery" }],
    ["no state", {}],
    ["an inherited state", { state: "__proto__" }],
  ])("is refused with %s", async (_, body) => {
    expect((await decide(stranger, body)).status).toBe(400);
    expect(await listed("state=declined")).toEqual([]);
  });
});

describe("an action of a person who was declined before", () => {
  const before = async (id: string) => {
    const found = (await listed("with=event")).find((action) => action.id === id);
    return found?.declinedBefore;
  };

  it("says when, and by whom; no longer if that is taken back", async () => {
    await decide(update, { state: "declined" }, await as("guard", "王磊"));
    const again = await asked({ want_action: "1002", timestamp: noon + 60_000 });
    const at = instant(deps.ingest.now);
    expect(await before(again)).toEqual({ action: update, at, byName: "王磊" });
    expect(await before(stranger)).toBeNull();
    await decide(update, { state: "open" });
    expect(await before(again)).toBeNull();
  });

  it("counts at another box only if the site shares its people", async () => {
    for (const box of ["gate-1", "gate-2"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
    await decide(update, { state: "declined" });
    const elsewhere = await asked({ want_action: "1002", timestamp: noon + 60_000 }, "gate-2");
    expect(await before(elsewhere)).toBeNull();
    await deps.deps.sites.put("hq", { sharesPeople: true });
    expect(await before(elsewhere)).toMatchObject({ action: update });
  });
});

describe("the filters of actions", () => {
  it("match and quality look at the event, also for a count", async () => {
    const poor = await asked({
      want_action: "1002",
      timestamp: noon + 2,
      score: 0.7,
      extData: { box_fiqa_info: { fiqa_result: false } },
    });
    const ids = async (query: string) => (await listed(query)).map(({ id }) => id).sort();
    expect(await ids("match=90")).toEqual([update, stranger].sort());
    expect(await ids("match=91")).toEqual([update]);
    expect(await ids("match=0&want=1002")).toEqual([poor, update].sort());
    expect(await ids("quality=poor")).toEqual([poor]);
    expect(await ids("quality=good")).toEqual([update, stranger].sort());
    expect(await count("match=90")).toEqual({ count: 2, isExact: true });
    expect(await count("state=pending,announced&want=1002")).toEqual({ count: 2, isExact: true });
    expect(await count("state=done")).toEqual({ count: 0, isExact: true });
    for (const query of ["match=101", "match=-1", "match=9.5", "quality=fair"]) {
      expect((await deps.ask(`/v1/actions?${query}`)).status).toBe(400);
      expect((await deps.ask(`/v1/actions/count?${query}`)).status).toBe(400);
    }
  });

  it("a page is filled with matching actions", async () => {
    for (let n = 0; n < 12; n++) {
      await asked({ want_action: "1002", timestamp: noon + 100 + n, score: n % 4 === 0 ? 0.99 : 0.5 });
    }
    const answer = await deps.ask("/v1/actions?match=96&limit=2");
    const { actions, next } = z
      .object({ actions: z.array(z.unknown()), next: z.string().nullable() })
      .parse(await answer.json());
    expect([actions.length, next === null]).toEqual([2, false]);
    const rest = await deps.ask(`/v1/actions?match=96&limit=2&cursor=${next}`);
    expect(await rest.json()).toMatchObject({ actions: [{}], next: null });
  });
});
