import { readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { hashToken, newToken } from "@gatepost/core/keys";
import { BrokenRow } from "@gatepost/protocol";
import { receiver } from "@gatepost/receive";
import { expect, it } from "vitest";
import * as z from "zod";
import { dropExports } from "../../../packages/api/src/jobs/drop-exports.ts";
import { writeEvent } from "../../../packages/receive/src/deliver/writes.ts";
import { action, noon, report as reported, upsert } from "../../contract/samples.ts";
import { boxRequest } from "../../support/http.ts";
import { history, understood } from "../../support/reports.ts";
import { openedByTests } from "./temporary.ts";

const jobShown = z.object({ id: z.string(), state: z.string() });

const { openRuntimeHere } = openedByTests();

/** A machine with an event, a record in quarantine and a key, and a function that changes its rows directly. */
async function machineWithRows() {
  const { runtime, logged } = await openRuntimeHere({ clock: () => noon });
  const { eventId } = upsert("a");
  await runtime.ingest.index.upsert(upsert("a"));
  await runtime.ingest.index.upsert(upsert("b"));
  const body = Buffer.from("{");
  const record = { id: "qrt_1", box: "gate-1", path: "/HistoryEvent", reason: "not-json", receivedAt: noon };
  await runtime.ingest.quarantine.put({ ...record, headers: {}, body, event: null });
  const key = await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: "ab" });
  const change = (sql: string, ...values: string[]) => {
    using database = new DatabaseSync(runtime.folder.database);
    expect(database.prepare(sql).run(...values).changes).toBe(1);
  };
  return { runtime, logged, eventId, keyId: key.id, change };
}

const ofEvent = "id / 8 = (SELECT made FROM events WHERE events.id = ?)";

it.each([
  ["is cut off", '{"kind":"history","person":{"name":"小明', "reports: expected array"],
  ["has a number in the place of a text", '{"person":{"name":5}}', "reports.0.person.name: expected string"],
  ["is of a kind that this version does not know", '{"kind":"rumour"}', "reports.0.kind: invalid_value"],
])("an event whose report %s fails with its id, and shows no other event", async (_, text, fault) => {
  const { runtime, logged, eventId, change } = await machineWithRows();
  const report = JSON.stringify({ ...upsert("a").report, ...(text.endsWith("}") ? JSON.parse(text) : {}) });
  change(`UPDATE reports SET report = ? WHERE ${ofEvent}`, text.endsWith("}") ? report : text, eventId);
  const broken = new Error(`event ${eventId} is not as this version stores it: ${fault}`);
  await expect(runtime.reads.events.get(eventId)).rejects.toThrow(broken);
  await expect(runtime.reads.events.list({}, { limit: 10, cursor: null })).rejects.toThrow(broken);
  const authorization = `Bearer ${runtime.adminToken}`;
  const answer = await runtime.api.request("/v1/events", { headers: { authorization } });
  expect([answer.status, (await answer.text()).includes("小明")]).toEqual([503, false]);
  expect(logged).toContainEqual({ level: "error", message: "request not answered", facts: { cause: broken } });
});

it("an event without a report fails with its id", async () => {
  const { runtime, eventId, change } = await machineWithRows();
  change(`DELETE FROM reports WHERE ${ofEvent}`, eventId);
  await expect(runtime.reads.events.get(eventId)).rejects.toThrow(`event ${eventId} is not as this version stores it`);
});

it.each(["history", "realtime"] as const)(
  "an event with a broken report is told apart from a failing store, by %s",
  async (kind) => {
    const { runtime, eventId, change } = await machineWithRows();
    change(`UPDATE reports SET report = '{' WHERE ${ofEvent}`, eventId);
    const entry = upsert("a", { report: reported({ kind, person: { name: "Another" } }) });
    for (const _ of ["at first", "again"]) {
      const why = await writeEvent(entry, runtime.ingest).catch((error: unknown) => error);
      expect(why instanceof BrokenRow && why.event).toBe(eventId);
      expect(await runtime.reads.health.reason()).toBeNull();
    }
  },
);

it("an event with a broken report keeps no other action from being announced", async () => {
  const { runtime, logged, eventId, change } = await machineWithRows();
  const { actions, index } = runtime.ingest;
  await index.upsert(upsert("a", { action: action("a", "1001") }));
  change(`UPDATE reports SET report = '{' WHERE ${ofEvent}`, eventId);
  const lease = () => actions.lease({ before: noon, until: noon, limit: 10 });
  await expect(lease()).rejects.toThrow("no action could be leased");
  await index.upsert(upsert("c", { action: action("c", "1001") }));
  expect((await lease()).map(({ event }) => event.id)).toEqual([upsert("c").eventId]);
  const cause = new Error(`event ${eventId} is not as this version stores it: reports: expected array`);
  expect(logged).toContainEqual({ level: "error", message: "action not leased", facts: { cause } });
});

it("an event with a broken report keeps no other event from being announced", async () => {
  const { runtime, logged, change } = await machineWithRows();
  const { eventOutbox, index } = runtime.ingest;
  const { eventId } = upsert("x");
  await index.upsert(upsert("x", { isAwaited: true }));
  change(`UPDATE reports SET report = '{' WHERE ${ofEvent}`, eventId);
  const lease = () => eventOutbox.lease({ before: noon, until: noon, limit: 10 });
  await expect(lease()).rejects.toThrow("no event could be leased");
  await index.upsert(upsert("y", { isAwaited: true }));
  expect((await lease()).map(({ id }) => id)).toEqual([upsert("y").eventId]);
  const cause = new Error(`event ${eventId} is not as this version stores it: reports: expected array`);
  expect(logged).toContainEqual({ level: "error", message: "event not leased", facts: { cause } });
});

it("an event with a broken report can be erased, and others are read then", async () => {
  const { runtime, change } = await machineWithRows();
  const token = newToken("ingest");
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
  const post = () =>
    receiver(runtime.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body: history({ timestamp: noon }) }));
  const kept = async () => (await runtime.reads.quarantine.list(null, { limit: 10, cursor: null })).items;
  await post();
  const eventId = understood(history({ timestamp: noon })).eventId;
  change(`UPDATE reports SET report = '{' WHERE ${ofEvent}`, eventId);
  await post();
  expect((await kept()).map(({ reason }) => reason).sort()).toEqual(["event-broken", "not-json"]);
  const ask = (method: string, path: string) =>
    runtime.api.request(path, { method, headers: { authorization: `Bearer ${runtime.adminToken}` } });
  const { detail } = (await (await ask("GET", "/v1/events")).json()) as { detail: string };
  expect(detail).toContain(`the row of ${eventId} is broken`);
  expect((await ask("DELETE", `/v1/events/${eventId}`)).status).toBe(204);
  expect((await post()).status).toBe(200);
  expect((await kept()).map(({ reason }) => reason)).toEqual(["not-json"]);
  const { items } = await runtime.reads.events.list({}, { limit: 10, cursor: null });
  expect(items.map(({ id }) => id).sort()).toEqual(["a", "b"].map((name) => upsert(name).eventId).sort());
});

it("a record in quarantine with broken headers fails with its id", async () => {
  const { runtime, change } = await machineWithRows();
  change("UPDATE quarantine SET headers = ?", '{"content-type":5}');
  await expect(runtime.reads.quarantine.get("qrt_1")).rejects.toThrow(
    "quarantine record qrt_1 is not as this version stores it: headers.content-type: expected string",
  );
});

it("a broken job keeps no other from being done, and is logged once", async () => {
  const { runtime, logged, change } = await machineWithRows();
  const headers = { authorization: `Bearer ${runtime.adminToken}`, "content-type": "application/json" };
  const ask = async (path: string, method = "GET") => {
    const body = method === "GET" ? {} : { body: JSON.stringify({ kind: "seen", filter: {} }) };
    const answer = await runtime.api.request(path, { method, headers, ...body });
    return jobShown.parse(await answer.json());
  };
  const ended = (id: string) => expect.poll(async () => (await ask(`/v1/jobs/${id}`)).state).toBe("done");
  const broken = await ask("/v1/jobs", "POST");
  await ended(broken.id);
  change(
    "UPDATE items SET item = json_set(item, '$.job', '{'), by_time = 'jobs', at = '0' WHERE pk = 'job ' || ?",
    broken.id,
  );
  const other = await ask("/v1/jobs", "POST");
  await ended(other.id);
  const write = () => runtime.jobs.exports.append(broken.id, Readable.from([Buffer.from("x")]), null);
  await write();
  await dropExports({ person: "7", boxes: null }, { jobs: runtime.jobs, clock: () => noon });
  expect(readdirSync(runtime.folder.exports)).toEqual([]);
  await write();
  await runtime.jobs.exports.sweep(runtime.jobs.store, noon);
  expect(readdirSync(runtime.folder.exports)).toEqual([]);
  await runtime.jobs.store.tidy();
  const cause = new Error(`job ${broken.id} is not as this version stores it: job: expected object`);
  const named = logged.filter(({ level }) => level === "error");
  expect(named).toEqual([
    { level: "error", message: "a job cannot be read, and counts as none", facts: { id: broken.id, cause } },
  ]);
});
