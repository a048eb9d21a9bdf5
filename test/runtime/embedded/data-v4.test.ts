import { createHash } from "node:crypto";
import { cp, readFile, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { openRuntime } from "@gatepost/embedded";
import { receiver, relayOutbox } from "@gatepost/ingest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventThen } from "../../support/event-then.ts";
import { filesWith } from "../../support/files-with.ts";
import { boxRequest } from "../../support/http.ts";
import { history } from "../../support/reports.ts";
import { Subscriber } from "../../support/subscriber.ts";
import { temporaryFolder } from "./temporary.ts";

const fixtures = fileURLToPath(new URL("../../fixtures/", import.meta.url));
const minute = 60_000;

const rows = z.array(z.record(z.string(), z.json()));
const answersSchema = z.object({
  events: z.array(eventThen),
  /** The ids of the events that a filter finds. */
  found: z.record(z.string(), z.array(z.string())),
  /** Behind a cursor and behind a place in the feed of changes that were handed out by then. */
  nextPage: z.array(z.string()),
  changes: z.array(z.string()),
  devices: z.json(),
  actions: z.array(z.looseObject({ id: z.string(), eventId: z.string(), state: z.string() })),
  quarantine: z.object({
    records: z.array(z.looseObject({ id: z.string(), reason: z.string() })),
    dropped: z.record(z.string(), z.number()),
  }),
  /** What is in quarantine, by the ids of its records. */
  bodies: z.record(z.string(), z.json()),
  keys: z.array(z.looseObject({ id: z.string(), box: z.string().nullable(), scope: z.string() })),
  deadLetters: z.array(z.looseObject({ id: z.string(), rule: z.string(), entry: z.string() })),
  notices: rows,
  deliveries: rows,
});

/** What was stored, and what that version answered of it. */
const made = z
  .object({
    /** ms since 1970: the clock of whoever opens it. */
    openedAt: z.number(),
    tokens: z.record(z.string(), z.string()),
    cursor: z.string(),
    place: z.string(),
    /** The reports that are in its events, in their order. */
    posted: z.array(z.object({ path: z.string(), body: z.json() })),
    answers: answersSchema,
    /** What its rules were sent once they were answered, in the order of each. */
    delivered: z.array(z.looseObject({ body: z.string(), signature: z.string().nullable() })),
  })
  .parse(JSON.parse(await readFile(`${fixtures}data-v4.json`, "utf8")));

const { openedAt, tokens, answers: expected } = made;
const [gate, east] = [`/${tokens["gate1"]}`, `/${tokens["east"]}`];

const filters = {
  box: "东门",
  person: "888001",
  type: "stranger",
  action: "1002",
  flag: "same-person-twice",
  device: "SNO1__192.168.1.60",
  q: "ångström",
  to: "2026-01-01T00:00:00Z",
};

let on: Awaited<ReturnType<typeof opened>>;
beforeEach(async () => {
  on = await opened();
});
afterEach(() => on.close());

/** The columns of that version. */
const deliveryColumns =
  "id, rule, entry_id, detail_type, event_id, state, envelope, since, due_at, tries, reason, ended_at";

/** A copy of the folder, opened by a clock that a test moves. */
async function opened() {
  const folder = await temporaryFolder();
  await cp(`${fixtures}data-v4`, folder.path, { recursive: true });
  let now = openedAt;
  const quiet = () => {};
  const runtime = await openRuntime({
    data: folder.path,
    clock: () => now,
    log: { info: quiet, warn: quiet, error: quiet },
    bus: { allowPrivateTargets: true, random: () => 0.5 },
  });
  const ask = async (
    path: string,
    { method = "GET", token = runtime.adminToken, body = undefined as unknown } = {},
  ) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    return runtime.api.fetch(new Request(`http://gatepost${path}`, { method, headers, ...sent }));
  };
  const told = async (path: string, options: Parameters<typeof ask>[1] = {}) => {
    const answer = await ask(path, options);
    return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
  };
  const listed = async (path: string) => z.record(z.string(), z.json()).parse((await told(path)).body);
  return {
    runtime,
    path: folder.path,
    ask,
    told,
    advance: (ms: number) => {
      now += ms;
    },
    post: async (path: string, body: unknown) => (await receiver(runtime.ingest)(boxRequest({ path, body }))).status,
    events: async (query = "") => z.array(eventThen).parse((await listed(`/v1/events?limit=500${query}`))["events"]),
    listed,
    rowsOf: (sql: string) => {
      const beside = new DatabaseSync(`${folder.path}/gatepost.db`, { readOnly: true });
      const found = beside.prepare(sql).all();
      beside.close();
      return found.map((row) => ({ ...row }));
    },
    async settle() {
      await runtime.bus.tick();
      await runtime.bus.idle();
    },
    async close() {
      await runtime.bus.close();
      await runtime.close();
      await folder.remove();
    },
  };
}

const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id);

async function found() {
  const entries = Object.entries(filters).map(async ([name, value]) => {
    return [name, idsOf(await on.events(`&${name}=${encodeURIComponent(value)}`))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

const listedAction = z.looseObject({ id: z.string(), state: z.string(), history: z.array(z.json()) });

async function listedActions() {
  return z.array(listedAction).parse((await on.listed("/v1/actions?limit=500"))["actions"]);
}

/** Everything that is in the folder, as it is answered. */
async function answers() {
  const { records, dropped } = await on.listed("/v1/quarantine?limit=500");
  const kept = z.array(z.looseObject({ id: z.string() })).parse(records);
  const bodies = kept.map(async ({ id }) => {
    const { body = null, bodyBase64 = null } = await on.listed(`/v1/quarantine/${id}`);
    return [id, { body, bodyBase64 }] as const;
  });
  return answersSchema.parse({
    events: await on.events(),
    found: await found(),
    nextPage: idsOf(await on.events(`&box=gate-1&cursor=${made.cursor}`)),
    changes: idsOf(await on.events(`&order=received&after=${made.place}`)),
    devices: await on.listed("/SophonDevice/api/Devices"),
    actions: (await listedActions()).map(({ history: _, approval: __, ...action }) => action),
    quarantine: { records: kept, dropped },
    bodies: Object.fromEntries(await Promise.all(bodies)),
    keys: (await on.listed("/v1/keys"))["keys"],
    deadLetters: (await on.listed("/v1/deadletters?limit=500"))["deadletters"],
    notices: on.rowsOf("SELECT * FROM notices ORDER BY box, kind"),
    deliveries: on.rowsOf(`SELECT ${deliveryColumns} FROM deliveries ORDER BY id`),
  });
}

const eventOf = (person: string) => {
  const event = expected.events.find((one) => one.person.id === person);
  if (event === undefined) throw new Error(`no event of ${person} was stored`);
  return event;
};
const recordOf = (reason: string) => expected.quarantine.records.filter((one) => one.reason === reason);

const deliveredThen = z.looseObject({ body: z.string(), signature: z.string().nullable() });

function asThen(delivered: unknown) {
  const { body, signature, ...others } = deliveredThen.parse(delivered);
  const { detail, ...envelope } = JSON.parse(body);
  const { age_ms: _, late: __, late_reason: ___, event, ...said } = detail;
  const then = { ...said, event: eventThen.parse(event) };
  return { ...others, isSigned: signature !== null, envelope: { ...envelope, detail: then } };
}

describe("a data folder of schema version 4", () => {
  it("opens with all that was in it", async () => {
    // That version found an event by its wantAction alone.
    const ofAction = expected.events.filter(({ actions }) => actions.some(({ wantAction }) => wantAction === "1002"));
    expect(ofAction.length).toBeGreaterThan(expected.found["action"]?.length ?? 0);
    expect(await answers()).toEqual({ ...expected, found: { ...expected.found, action: idsOf(ofAction) } });
  });

  it("knows of each action what it is, and not how it came to that", async () => {
    for (const { history, state, reason = null, at = null } of await listedActions()) {
      expect(history).toEqual([{ state, at, ...(reason === null ? {} : { reason }) }]);
    }
  });

  it("has every picture of its events", async () => {
    const shown = expected.events.flatMap(({ pictures }) => Object.values(pictures));
    expect(shown.length).toBeGreaterThan(40);
    const hashes = shown.map(async ({ href }) => {
      const bytes = Buffer.from(await (await on.ask(href)).arrayBuffer());
      return createHash("sha256").update(bytes).digest("hex");
    });
    expect(await Promise.all(hashes)).toEqual(shown.map(({ sha256 }) => sha256));
  });

  it("has nothing left of a picture whose erasure was cut short", async () => {
    expect(await filesWith("left to be erased", `${fixtures}data-v4/pictures`)).toHaveLength(1);
    expect(await filesWith("left to be erased", on.path)).toEqual([]);
    expect(await filesWith("neighbour-after", on.path)).toHaveLength(1);
    expect(on.rowsOf("SELECT * FROM erasures")).toEqual([]);
  });

  it("knows every report again; one without a face or a time, whose digest is another one since, doubles once", async () => {
    const isStored = ({ id }: { id: string }) => idsOf(expected.events).includes(id);
    const postAll = async () => {
      for (const { path, body } of made.posted) expect(await on.post(path, body)).toBe(200);
      return answers();
    };
    const once = await postAll();
    const { events, actions, quarantine, bodies, deliveries } = await postAll();
    const { events: _, ...before } = expected;
    // A report that was not believed when the folder was written fills in what the held one lacks, and that once.
    const stored = events.filter(isStored);
    expect(idsOf(stored)).toEqual(idsOf(expected.events));
    expect(stored.map(({ person, score, pictures }) => ({ person: person.id, score, pictures }))).toEqual(
      expected.events.map(({ person, score, pictures }) => ({ person: person.id, score, pictures })),
    );
    expect(events).toEqual(once.events);
    const doubled = events.filter((event) => !isStored(event));
    const isKnown = ({ pictures, flags }: (typeof events)[number]) =>
      pictures.face !== undefined && !flags.includes("clock");
    expect(doubled.filter(isKnown)).toEqual([]);
    // A record is of the event that was last made of it.
    const withoutEvent = ({ records, dropped }: typeof quarantine) => ({
      records: records.map((record) => ({ ...record, event: null })),
      dropped,
    });
    expect({ actions, quarantine: withoutEvent(quarantine), bodies, deliveries }).toEqual({
      actions: before.actions,
      quarantine: withoutEvent(before.quarantine),
      bodies: before.bodies,
      deliveries: before.deliveries,
    });
  });

  it("takes a report of a new passing, and one that joins an event", async () => {
    const joined = eventOf("888002");
    expect(joined.reports.map(({ kind }) => kind)).toEqual(["realtime"]);
    const late = history({ timestamp: joined.timestamp, identity_id: "888002", group_name: "late" });
    expect(await on.post(`${gate}/HistoryEvent`, late)).toBe(200);
    expect(await on.post(`${east}/HistoryEvent`, history({ timestamp: openedAt, identity_id: "new" }))).toBe(200);
    const events = await on.events();
    expect(idsOf(events).filter((id) => !idsOf(expected.events).includes(id))).toEqual([events[0]?.id]);
    const { id, person, reports } = events.find((one) => one.id === joined.id) ?? joined;
    expect([id, person.group, reports.map(({ kind }) => kind)]).toEqual([joined.id, "late", ["history", "realtime"]]);
    const { status, body } = await on.told(`/v1/events?order=received&limit=500&after=${made.place}`);
    expect(status).toBe(200);
    const changed = z.object({ events: z.array(z.object({ id: z.string() })) }).parse(body);
    expect(idsOf(changed.events)).toEqual([
      ...expected.changes.filter((one) => one !== joined.id),
      joined.id,
      events[0]?.id,
    ]);
  });

  it.each([
    ["pending", "failed", 200],
    ["announced", "done", 200],
    ["failed", "done", 200],
    ["done", "failed", 409],
    ["withheld", "done", 409],
  ])("settles an action that is %s as %s with %i", async (from, state, status) => {
    const action = expected.actions.find((one) => one.state === from);
    on.advance(minute);
    const answer = await on.told(`/v1/actions/${action?.id}`, { method: "POST", body: { state, note: "seen" } });
    expect(answer.status).toBe(status);
    if (status === 409) return;
    const at = new Date(openedAt + minute).toISOString();
    expect(answer.body).toMatchObject({ ...action, state, reason: "seen", at });
    expect(answer.body).toHaveProperty("history.1", { state, at, reason: "seen", by: "key_process" });
  });

  it("replays what its quarantine has", async () => {
    const records = [...recordOf("unknown-shape"), ...recordOf("picture"), ...recordOf("cut")];
    const outcomes = new Map<string, string[]>();
    for (const { id, reason } of records) {
      const { body } = await on.told(`/v1/quarantine/${id}/replay`, { method: "POST" });
      const { outcome, events } = z
        .object({ outcome: z.string(), events: z.array(z.object({ id: z.string(), outcome: z.string() })) })
        .parse(body);
      const linked = expected.quarantine.records.find((one) => one.id === id)?.["event"] ?? null;
      if (linked !== null)
        expect(events).toEqual([{ id: z.object({ id: z.string() }).parse(linked).id, outcome: "duplicate" }]);
      outcomes.set(reason, [...(outcomes.get(reason) ?? []), `${outcome} ${events.length}`]);
    }
    expect(outcomes.get("unknown-shape")?.sort()).toEqual(["kept 0", "kept 0", "stored 1"]);
    expect(new Set([...(outcomes.get("picture") ?? []), ...(outcomes.get("cut") ?? [])])).toEqual(new Set(["kept 1"]));
    const events = await on.events();
    const [added, ...others] = events.filter(({ id }) => !idsOf(expected.events).includes(id));
    expect([added?.person.name, others]).toEqual(["from quarantine", []]);
    expect(events.filter(({ id }) => id !== added?.id)).toEqual(expected.events);
  });

  it("admits by its keys, and notes their use", async () => {
    const body = history({ timestamp: openedAt });
    on.advance(minute);
    const codes: Record<string, number | undefined> = {};
    for (const name of ["gate1", "east", "revoked"]) codes[name] = await on.post(`/${tokens[name]}/HistoryEvent`, body);
    for (const name of ["read", "admin", "gate1"]) {
      codes[`${name} lists keys`] = (await on.ask("/v1/keys", { token: tokens[name] ?? "" })).status;
      codes[`${name} reads`] = (await on.ask("/v1/events", { token: tokens[name] ?? "" })).status;
    }
    expect(codes).toEqual({
      gate1: 200,
      east: 200,
      revoked: 401,
      "read lists keys": 403,
      "read reads": 200,
      "admin lists keys": 200,
      "admin reads": 200,
      "gate1 lists keys": 403,
      "gate1 reads": 403,
    });
    const isUsed = ({ box, scope }: { box: string | null; scope: string }) =>
      scope !== "ingest" || box === "gate-1" || box === "东门";
    const lastUsedAt = new Date(openedAt + minute).toISOString();
    const keys = expected.keys.map((key) => (isUsed(key) ? { ...key, lastUsedAt } : key));
    await expect.poll(() => on.listed("/v1/keys")).toEqual({ keys, next: null });
  });

  it("delivers what waited, what was pending and a dead letter", async () => {
    const hook = await Subscriber.listen();
    const rules = await readFile(`${on.path}/rules.json`, "utf8");
    await writeFile(`${on.path}/rules.json`, rules.replaceAll("https://subscriber.example", hook.url));
    expect(await relayOutbox(on.runtime.ingest)).toEqual({ announced: 0, failed: 0 });
    on.advance(2 * minute);
    expect(await relayOutbox(on.runtime.ingest)).toEqual({ announced: 3, failed: 0 });
    const letterOf = (name: string) => expected.deadLetters.find(({ rule }) => rule === name)?.id;
    const send = async (name: string) =>
      (await on.told(`/v1/deadletters/${letterOf(name)}/send`, { method: "POST" })).status;
    expect([await send("refusing"), await send("gone-soon")]).toEqual([200, 409]);
    await on.settle();
    await hook.close();
    const delivered = hook.delivered
      .map(({ path, headers, body }) => ({
        path,
        id: headers["webhook-id"],
        timestamp: headers["webhook-timestamp"],
        signature: headers["webhook-signature"] ?? null,
        door: headers["x-door"] ?? null,
        body,
      }))
      .sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
    // An entry that is announced only now has members that were added since.
    expect(delivered.map(asThen)).toEqual(made.delivered.map(asThen));
    const waited = delivered.filter(({ body }) => !body.includes('"late"'));
    expect(waited).not.toEqual([]);
    expect(made.delivered).toEqual(expect.arrayContaining(waited));
    const { deadletters } = await on.listed("/v1/deadletters");
    expect(deadletters).toEqual(expected.deadLetters.filter(({ rule }) => rule !== "refusing"));
    expect(on.rowsOf("SELECT DISTINCT state FROM deliveries ORDER BY state")).toEqual([
      { state: "dead" },
      { state: "delivered" },
    ]);
  });

  it("keeps the newest notice of each box and kind, and forgets what tells of an erased person", async () => {
    on.advance(minute);
    expect(await on.post(`${gate}/AsyncEvent`, { gateway_sn: "2", gateway_status: "offline" })).toBe(200);
    const of = { box: "gate-1", kind: "status" };
    const isOf = (row: Record<string, unknown>) => row["box"] === of.box && row["kind"] === of.kind;
    const report = JSON.stringify({ gateway_sn: "2", gateway_status: "offline" });
    const said = expected.notices.map((row) => (isOf(row) ? { ...of, received_at: openedAt + minute, report } : row));
    expect(on.rowsOf("SELECT * FROM notices ORDER BY box, kind")).toEqual(said);
    const ofPerson = idsOf(await on.events("&person=888001"));
    expect(await on.told("/v1/people?id=888001&all=1", { method: "DELETE" })).toEqual({
      status: 200,
      body: { erased: ofPerson.length },
    });
    expect(on.rowsOf("SELECT * FROM notices ORDER BY box, kind")).toEqual(
      said.filter((row) => !String(row["report"]).includes("888001")),
    );
    expect(await on.events()).toEqual(expected.events.filter(({ id }) => !ofPerson.includes(id)));
  });
});
