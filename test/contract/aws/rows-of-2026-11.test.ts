import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type AttributeValue, BatchWriteItemCommand, paginateScan } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { hashToken, relayOutbox, replay } from "@gatepost/ingest";
import { actionStates, locatePicture, merge, type PictureKind, type StoredEvent } from "@gatepost/protocol";
import type { LiveConfiguration } from "@gatepost/query";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { MonotonicClock } from "../../../packages/aws/src/dynamo/monotonic-clock.ts";
import { LiveConnections } from "../../../packages/aws/src/live/connections.ts";
import { DeliveryGaps } from "../../../packages/aws/src/live/delivery-gaps.ts";
import { onStandIns, tableOf } from "../../standins/aws.ts";
import { bodyOf, listen } from "../../standins/listen.ts";
import { eventThen } from "../../support/event-then.ts";
import { history } from "../../support/reports.ts";
import { day } from "../samples.ts";
import { statusesOf } from "./box-status.ts";
import { liveHandlers } from "./live-handlers.ts";
import { deliver } from "./posting.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

type Item = Record<string, AttributeValue>;

const fixture = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../../fixtures/${name}`, import.meta.url), "utf8"));

const attribute = z.custom<AttributeValue.SMember | AttributeValue.NMember>(
  (sent) => z.union([z.strictObject({ S: z.string() }), z.strictObject({ N: z.string() })]).safeParse(sent).success,
);

/** What was in the table, and in the bucket. */
const items = z.array(z.record(z.string(), attribute)).parse(await fixture("rows-2026-11.json"));
const objects = z
  .record(z.string(), z.object({ contentType: z.string(), base64: z.string() }))
  .parse(await fixture("objects-2026-11.json"));

const ids = z.array(z.string());
const listed = z.looseObject({ id: z.string() });
const answersSchema = z.object({
  events: z.array(eventThen),
  /** The ids of the events that a filter finds. */
  found: z.record(z.string(), ids),
  /** Behind a cursor and behind a place in the feed of changes that were handed out by then. */
  nextPage: ids,
  changesSince: ids,
  changes: z.array(z.object({ id: z.string(), made: z.string(), changed: z.string() })),
  next: z.string(),
  devices: ids,
  actions: z.array(
    z.looseObject({ id: z.string(), eventId: z.string(), box: z.string(), wantAction: z.string(), state: z.string() }),
  ),
  quarantine: z.array(z.looseObject({ id: z.string(), reason: z.string() })),
  ofBox: ids,
  /** What is in quarantine in base64, by the ids of its records. */
  bodies: z.record(z.string(), z.string().nullable()),
  dropped: z.record(z.string(), z.number()),
  keys: z.array(listed),
  /** The keys that tokens open with, by their names. */
  admitted: z.record(z.string(), listed.nullable()),
  boxStatuses: z.array(z.looseObject({ box: z.string(), kind: z.string() })),
  connections: z.array(listed),
});

/** What that version answered of it. */
const timed = z.looseObject({ timestamp: z.number() });

const made = z
  .object({
    /** ms since 1970: the clock of whoever reads it. */
    openedAt: z.number(),
    tokens: z.record(z.string(), z.string()),
    tickets: z.object({ good: z.string(), over: z.string() }),
    cursor: z.string(),
    place: z.string(),
    /** The reports that are in its events, in their order. */
    posted: z.array(z.object({ path: z.string(), body: z.json() })),
    answers: answersSchema,
    /** What the erasures that were noted remove when they are due: at once, and 70 s later. */
    finished: z.array(z.object({ finished: z.number(), rows: ids, objects: ids })),
    /** What each connection is told of some events. */
    pushed: z.record(z.string(), z.array(z.json())),
  })
  .parse(await fixture("rows-2026-11.expected.json"));

const { openedAt, tokens, answers: expected } = made;
const all = { limit: 500, cursor: null };

const filters = {
  box: { box: "东门" },
  person: { person: "888001" },
  longPerson: { person: `long ${"Ω".repeat(200)}` },
  type: { type: "stranger" as const },
  action: { action: "1002" },
  flag: { flag: "same-person-twice" },
  device: { device: "SNO1__192.168.1.60" },
  q: { q: "ångström" },
  to: { to: Date.UTC(2026, 0, 1) },
};

/** As JSON keeps it: sets are lists. */
const shownThen = (stored: StoredEvent) => eventThen.parse(merge(stored));

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, inner: unknown) => (inner instanceof Set ? [...inner] : inner)));
}

async function fillTable({ clients, names }: TestRuntime): Promise<void> {
  for (let next = 0; next < items.length; next += 25) {
    const puts = items.slice(next, next + 25).map((Item) => ({ PutRequest: { Item } }));
    await clients.dynamo.send(new BatchWriteItemCommand({ RequestItems: { [names.table]: puts } }));
  }
}

async function fillBucket({ clients, names }: TestRuntime): Promise<void> {
  for (const [Key, { contentType, base64 }] of Object.entries(objects)) {
    const Body = Buffer.from(base64, "base64");
    await clients.s3.send(new PutObjectCommand({ Bucket: names.bucket, Key, Body, ContentType: contentType }));
  }
}

const pkOf = ({ pk }: Item) => pk?.S ?? "";
const sortedByKey = (rows: readonly Item[]) => [...rows].sort((a, b) => (pkOf(a) < pkOf(b) ? -1 : 1));

/** The rows of the table, those of `kinds` where they are given. */
async function rowsOf({ clients, names }: TestRuntime, kinds = /^/): Promise<Item[]> {
  const rows: Item[] = [];
  const TableName = names.table;
  for await (const { Items = [] } of paginateScan({ client: clients.dynamo }, { TableName })) rows.push(...Items);
  return sortedByKey(rows.filter((row) => kinds.test(pkOf(row))));
}

async function objectsOf({ clients, names }: TestRuntime): Promise<string[]> {
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: names.bucket }));
  return Contents.map(({ Key = "" }) => Key).sort();
}

const idsOf = (found: readonly { id: string }[]) => found.map(({ id }) => id);

async function admitted({ ingest }: TestRuntime) {
  const found = Object.entries(tokens).map(
    async ([name, token]) => [name, await ingest.keys.find(hashToken(token))] as const,
  );
  return Object.fromEntries(await Promise.all(found));
}

function connectionsOf({ clients, names, ingest: { clock } }: TestRuntime): LiveConnections {
  return new LiveConnections(tableOf({ clients, names }), new MonotonicClock(clock), clock);
}

/** A configuration as it was read then: nobody asked for counts. */
function configurationThen({ counts, ...configuration }: LiveConfiguration) {
  expect(counts).toBe(false);
  return configuration;
}

/** Everything that is in the table, by the readers of it. */
async function answersOf(on: TestRuntime): Promise<z.output<typeof answersSchema>> {
  const { events, actionReader, feed, quarantine, devices, keyAdmin } = on.reads;
  const found = Object.entries(filters).map(
    async ([name, filter]) => [name, idsOf((await events.list(filter, all)).items)] as const,
  );
  const records = (await quarantine.list(null, all)).items;
  const bodies = records.map(async ({ id }) => {
    const record = await quarantine.get(id);
    return [id, record === null ? null : Buffer.from(record.body).toString("base64")] as const;
  });
  const changes = await feed.read(null, 500);
  const answers = {
    events: (await events.list({}, all)).items.map(shownThen),
    found: Object.fromEntries(await Promise.all(found)),
    nextPage: idsOf((await events.list({ box: "gate-1" }, { limit: 500, cursor: made.cursor })).items),
    changesSince: (await feed.read(made.place, 500)).items.map(({ event }) => event.id),
    changes: changes.items.map(({ event, ...places }) => ({ id: event.id, ...places })),
    next: changes.next,
    devices: (await devices.devices()).sort(),
    actions: (await actionReader.list({}, all)).items.map(({ history: _, approval: __, ...action }) => action),
    quarantine: records,
    ofBox: idsOf((await quarantine.list("东门", all)).items),
    bodies: Object.fromEntries(await Promise.all(bodies)),
    dropped: await quarantine.dropped(),
    keys: await keyAdmin.list(),
    admitted: await admitted(on),
    boxStatuses: [...(await statusesOf(on, "gate-1")), ...(await statusesOf(on, "东门"))].sort((a, b) =>
      `${a.box} ${a.kind}` < `${b.box} ${b.kind}` ? -1 : 1,
    ),
    connections: (await connectionsOf(on).all()).map(({ configuration, isBehind, ...connection }) => {
      // Of a row of then nobody knows that it is behind.
      expect(isBehind).toBe(false);
      return { ...connection, configuration: configuration && configurationThen(configuration) };
    }),
  };
  return answersSchema.parse(plain(answers));
}

const eventOf = (person: string) => {
  const event = expected.events.find((one) => one.person.id === person);
  if (event === undefined) throw new Error(`no event of ${person} was stored`);
  return event;
};
/** The record that came late: its body is no report. */
const lateRecord = () =>
  expected.quarantine.find((one) => one["bytes"] === "late".length && one.reason === "picture")?.id;
const itemOf = (pk: string) => items.find((item) => pkOf(item) === pk);

onStandIns((standIns) => {
  let on: TestRuntime;
  const openTable = async () => {
    on = await runtimeOn(standIns);
    on.setClock(openedAt);
    await fillTable(on);
  };
  const open = async () => {
    await openTable();
    await fillBucket(on);
  };

  describe("the rows of November 2026", () => {
    beforeAll(open);
    afterAll(() => on.close());

    it("are of every type", () => {
      const types = new Set(items.map((item) => /^(evt_|qrt_|key_|[a-z-]+)/.exec(pkOf(item))?.[0]));
      const tables = "besides device erasure erasure-seal evt_ gap key_ live notice passed qrt_ quarantine ticket";
      expect([...types].sort()).toEqual(tables.split(" "));
    });

    it("are read as they were", async () => {
      expect(await answersOf(on)).toEqual(expected);
    });

    it("are found one by one, save the event that has expired", async () => {
      const pks = items.map(pkOf).filter((pk) => pk.startsWith("evt_"));
      const events = (await Promise.all(pks.map((pk) => on.reads.events.get(pk)))).flatMap((event) => event ?? []);
      const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
      expect(events.map(shownThen).sort(byId)).toEqual(expected.events.toSorted(byId));
      expect(pks.length - events.length).toBe(1);
      const places = await Promise.all(expected.changes.map(({ id }) => on.reads.feed.madeAt(id)));
      expect(places).toEqual(expected.changes.map((change) => change.made));
    });

    it.each(actionStates)("list the actions that are %s", async (state) => {
      const { items: found } = await on.reads.actionReader.list({ states: [state] }, all);
      const ofState = expected.actions.filter((action) => action.state === state);
      expect(ofState.length).toBeGreaterThan(0);
      // Of what came before there was a history, only the last change is known.
      const listed = ofState.map(({ state, reason, at, ...action }) => {
        return {
          ...action,
          state,
          reason,
          at,
          approval: null,
          history: [{ state, at, ...(reason === null ? {} : { reason }) }],
        };
      });
      expect(plain(found)).toEqual(listed);
    });

    it("lead to every picture of their events", async () => {
      const stored = (await on.reads.events.list({}, all)).items;
      const shown = stored.flatMap((event) =>
        Object.keys(merge(event).pictures).map((kind) => ({ kind: kind as PictureKind, reports: event.reports })),
      );
      expect(shown.length).toBeGreaterThan(30);
      for (const { kind, reports } of shown) {
        const { month = "", sha256 = "" } = locatePicture(reports, kind) ?? {};
        const bytes = (await on.reads.pictures.get(month, kind, sha256)) ?? "";
        expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
      }
    });

    it("tell of the gaps of the live feed, and of who has passed one", async () => {
      const dynamo = tableOf(on);
      const gaps = new DeliveryGaps(dynamo, { clock: on.ingest.clock, lifetime: 90 * day });
      const noted = items.filter((item) => pkOf(item).startsWith("gap "));
      const [, keyId = "", eventId = ""] =
        items
          .map(pkOf)
          .find((pk) => pk.startsWith("passed "))
          ?.split(" ") ?? [];
      expect(noted).toHaveLength(4);
      for (const gap of noted) {
        const within = Number(pkOf(gap).slice("gap ".length)) * 60_000 + 50_000;
        expect(await gaps.positionOf(within, { keyId: "key_other", eventId, asked: "" })).toMatchObject({
          from: Number(gap["from"]?.N),
        });
        expect(await gaps.positionOf(within, { keyId, eventId, asked: "" })).toMatchObject({ from: within - 8000 });
      }
    });
  });

  describe("of November 2026, where nothing is in the bucket,", () => {
    beforeAll(openTable);
    afterAll(() => on.close());

    it.each([
      ["pending", "failed", "settled"],
      ["announced", "done", "settled"],
      ["failed", "done", "settled"],
      ["done", "failed", "refused"],
      ["withheld", "done", "refused"],
    ] as const)("actions that are %s and said to be %s are %s", async (from, state, outcome) => {
      const action = expected.actions.find((one) => one.state === from);
      if (action === undefined) throw new Error(`no action that is ${from} was stored`);
      on.setClock(openedAt + 1000);
      expect(await on.ingest.actions.settle(action.id, state, "seen")).toBe(outcome);
      const { eventId, box: _, ...before } = action;
      const event = await on.reads.events.get(eventId);
      const at = new Date(openedAt + 1000).toISOString();
      const after = outcome === "refused" ? before : { ...before, state, reason: "seen", at };
      expect(event?.actions.find(({ id }) => id === action.id)).toEqual(after);
    });

    it("a ticket is taken once, and not the one that is over", async () => {
      on.setClock(openedAt);
      const take = (ticket: string) => on.reads.tickets.redeem(hashToken(ticket));
      const { good, over } = made.tickets;
      expect([await take(good), await take(good), await take(over)]).toEqual([
        hashToken(tokens["read"] ?? ""),
        null,
        null,
      ]);
    });

    it("keys are revoked", async () => {
      on.setClock(openedAt);
      const { id = "" } = expected.admitted["east"] ?? {};
      expect(await on.reads.keyAdmin.revoke(id)).toBe(true);
      expect(await admitted(on)).toEqual({ ...expected.admitted, east: null });
      const revokedAt = new Date(openedAt).toISOString();
      const lastUsedAt = (key: z.output<typeof listed>) => key["lastUsedAt"];
      const keys = expected.keys.map((key) => (key.id === id ? { ...key, revokedAt } : key));
      expect((await on.reads.keyAdmin.list()).map((key) => ({ ...key, lastUsedAt: null }))).toEqual(
        keys.map((key) => ({ ...key, lastUsedAt: null })),
      );
      expect(expected.keys.map(lastUsedAt).filter((used) => used === null)).toHaveLength(1);
    });
  });

  describe("the rows of November 2026, when something is done with them,", () => {
    beforeEach(open);
    afterEach(() => on.close());

    it("know every report again; one without a face or a time, whose digest is another one since, doubles once", async () => {
      const kinds = /^(evt_|qrt_|besides |quarantine |notice |erasure)/;
      const postAll = async () => {
        for (const { path, body } of made.posted) {
          const [, token = "", ...route] = path.split("/");
          expect(await deliver(body, { token, ports: on.ingest, route: route.join("/") })).toMatchObject({
            statusCode: 200,
          });
        }
        return rowsOf(on, kinds);
      };
      const once = await postAll();
      const announced = standIns.bus.calls.flat().length;
      expect(await postAll()).toEqual(once);
      expect(standIns.bus.calls.flat()).toHaveLength(announced);
      // Rows of extra pictures were not listed by their event then.
      const unlisted = ({ at, byPerson, ...row }: Item) =>
        pkOf(row).startsWith("besides ") ? row : { ...row, at, byPerson };
      const before = sortedByKey(items.filter((item) => kinds.test(pkOf(item))));
      const keys = new Set(before.map(pkOf));
      const events = (rows: readonly Item[]) => rows.filter((row) => /^(evt_|besides )/.test(pkOf(row))).map(unlisted);
      expect(events(once.filter((row) => keys.has(pkOf(row))))).toEqual(events(before));
    });

    it("take a report of a new passing, and one that joins an event", async () => {
      const joined = eventOf("888002");
      expect(joined.reports.map(({ kind }) => kind)).toEqual(["realtime"]);
      const late = history({ timestamp: joined.timestamp, identity_id: "888002", group_name: "late" });
      const fresh = history({ timestamp: openedAt, identity_id: "new" });
      const token = tokens["gate1"] ?? "";
      for (const body of [late, fresh]) await deliver(body, { token, ports: on.ingest });
      const events = (await on.reads.events.list({}, all)).items.map(shownThen);
      const others = events.filter(({ id }) => id !== joined.id);
      expect(others.slice(1)).toEqual(expected.events.filter(({ id }) => id !== joined.id));
      expect(others[0]?.person.id).toBe("new");
      const { person, reports } = events.find(({ id }) => id === joined.id) ?? joined;
      expect([person.group, reports.map(({ kind }) => kind)]).toEqual(["late", ["history", "realtime"]]);
      const changes = (await on.reads.feed.read(made.place, 500)).items.map(({ event }) => event.id);
      const stayed = expected.changesSince.filter((id) => id !== joined.id);
      expect(changes).toEqual([...stayed, joined.id, others[0]?.id]);
    });

    it("have their pending actions announced, the one that is held when it is free again", async () => {
      standIns.bus.calls.length = 0;
      const pending = expected.actions.filter(({ state }) => state === "pending");
      const held = pending.filter(({ eventId, wantAction }) => itemOf(eventId)?.[`h_${wantAction}`] !== undefined);
      expect([pending.length, held.length]).toEqual([3, 1]);
      expect(await relayOutbox(on.ingest)).toEqual({ announced: 2, failed: 0 });
      on.setClock(openedAt + 60_000);
      expect(await relayOutbox(on.ingest)).toEqual({ announced: 1, failed: 0 });
      const keys = standIns.bus.calls.flat().map(({ Detail }) => Detail["idempotency_key"]);
      expect([...keys].sort()).toEqual(idsOf(pending).sort());
      expect(keys.at(-1)).toBe(held[0]?.id);
      standIns.bus.calls.length = 0;
    });

    it("have what is in quarantine replayed", async () => {
      const outcomes: Record<string, string[]> = {};
      for (const { id, reason } of expected.quarantine) {
        const record = await on.reads.quarantine.get(id);
        if (record === null || !["unknown-shape", "picture", "cut"].includes(reason) || id === lateRecord()) continue;
        const [{ event, quarantined } = { event: null, quarantined: null }] = await replay(record, on.ingest);
        if (record.event !== null) expect(event).toMatchObject({ id: record.event.id, outcome: "duplicate" });
        outcomes[reason] = [...(outcomes[reason] ?? []), `${event?.outcome ?? "no event"}, ${quarantined?.reason}`];
      }
      expect(outcomes["unknown-shape"]?.sort()).toEqual([
        "created, undefined",
        "no event, unknown-shape",
        "no event, unknown-shape",
      ]);
      expect(new Set(outcomes["picture"])).toEqual(new Set(["duplicate, picture"]));
      expect(outcomes["cut"]).toEqual(["duplicate, cut"]);
      const events = (await on.reads.events.list({}, all)).items.map(shownThen);
      const added = events.filter(({ id }) => !idsOf(expected.events).includes(id));
      expect(added.map(({ person }) => person.name)).toEqual(["from quarantine"]);
      expect(events.filter((event) => !added.includes(event))).toEqual(expected.events);
    });

    it("have the erasures finished that were noted", async () => {
      const finished: typeof made.finished = [];
      for (const after of [0, 70_000, 140_000]) {
        on.setClock(openedAt + after);
        const before = { rows: (await rowsOf(on)).map(pkOf), objects: await objectsOf(on) };
        const count = await on.reads.eraser.finish();
        const left = { rows: new Set((await rowsOf(on)).map(pkOf)), objects: new Set(await objectsOf(on)) };
        finished.push({
          finished: count,
          rows: before.rows.filter((pk) => !left.rows.has(pk)).map(withoutUuid),
          objects: before.objects.filter((key) => !left.objects.has(key)),
        });
      }
      const removed = (sweeps: typeof finished) => ({
        rows: [...new Set(sweeps.flatMap(({ rows }) => rows))].sort(),
        objects: sweeps.flatMap(({ objects }) => objects).sort(),
      });
      expect(removed(finished)).toEqual(removed(made.finished));
      // It is marked first, so that no report relies on it any more, and so goes a sweep later than it did.
      const registered = finished.map(({ objects }) => objects.filter((key) => key.startsWith("registered/")).length);
      expect(registered).toEqual([0, 1, 0]);
      expect((await rowsOf(on, /^erasure /)).map(pkOf)).toEqual([]);
      expect((await on.reads.events.list({ person: "700004" }, all)).items).toHaveLength(1);
    });

    it("have an event erased with all that its reports showed", async () => {
      const besides = items.map(pkOf).filter((pk) => pk.startsWith("besides "));
      const [, id = "", kind = ""] = besides[0]?.split(" ") ?? [];
      expect([besides.length, kind]).toEqual([1, "scene"]);
      const before = await objectsOf(on);
      expect(await on.reads.eraser.eraseEvent(id)).toBe(true);
      on.setClock(openedAt + 70_000);
      await on.reads.eraser.finish();
      expect(await rowsOf(on, /^besides /)).toEqual([]);
      const left = await objectsOf(on);
      const noted = made.finished.flatMap((finished) => finished.objects);
      // Its scene in real time, its scene and face of history, and the registered picture.
      expect(before.filter((key) => !left.includes(key) && !noted.includes(key))).toHaveLength(4);
      expect(await on.reads.events.get(id)).toBeNull();
    });

    it("count what is in quarantine, so that it stays bounded", async () => {
      const bounded = await runtimeOn({ fresh: async () => on }, { quarantineLimits: { records: 3, bytes: 1000 } });
      bounded.setClock(openedAt);
      const listOf = async () => idsOf((await on.reads.quarantine.list("narrow", all)).items);
      const before = await listOf();
      expect(before).toHaveLength(3);
      await deliver("nonsense again", { token: tokens["narrow"] ?? "", ports: bounded.ingest });
      expect((await listOf()).slice(1)).toEqual(before.slice(0, 2));
      expect(await on.reads.quarantine.dropped()).toEqual({ narrow: (expected.dropped["narrow"] ?? 0) + 1 });
    });

    it("have readers of the live feed told, each of what it asked for and has not been told", async () => {
      const told: Record<string, unknown[]> = {};
      const api = await listen(async (request, response) => {
        const id = decodeURIComponent(request.url?.split("/").at(-1) ?? "");
        told[id] = [...(told[id] ?? []), JSON.parse((await bodyOf(request)).toString())];
        response.writeHead(200).end();
      });
      const { push } = liveHandlers(on, api.url);
      const isStranger = ({ person }: (typeof expected.events)[number]) => person.type === "stranger";
      const strangers = ["gate-1", "东门"].flatMap(
        (at) => expected.events.find((event) => isStranger(event) && event.box.id === at) ?? [],
      );
      const events = [eventOf("unsettled").id, caughtUpWith(), ...idsOf(strangers)];
      expect(events).toHaveLength(4);
      for (const id of events) await push({ Records: [{ dynamodb: { NewImage: itemOf(id) } }] });
      await api.close();
      // Since then the feed marks what is late.
      const isLate = (message: { timestamp: number }) => on.ingest.clock() - message.timestamp > 60_000;
      const marked = (messages: readonly unknown[]) =>
        messages.map((message) => timed.parse(message)).map((one) => (isLate(one) ? { ...one, late: true } : one));
      expect(told).toEqual(Object.fromEntries(Object.entries(made.pushed).map(([id, all]) => [id, marked(all)])));
    });
  });
});

/** An event within what one connection was caught up with, and which the push does not tell it. */
function caughtUpWith(): string {
  const { after = "", upTo = "" } = z
    .object({ after: z.string(), upTo: z.string() })
    .parse(expected.connections.find(({ id }) => id === "Since="));
  const change = expected.changes.find(({ changed }) => changed > after && changed < upTo);
  return change?.id ?? "";
}

function withoutUuid(pk: string): string {
  return pk.replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/, "…");
}
