import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { noon, upsert } from "../../contract/samples.ts";
import { openedByTests } from "./temporary.ts";

const { openMachineHere } = openedByTests();

/** A machine with an event, a record in quarantine and a key, and what changes its rows behind its back. */
async function machineWithRows() {
  const { machine, logged } = await openMachineHere({ clock: () => noon });
  const { eventId } = upsert("a");
  await machine.ingest.index.upsert(upsert("a"));
  await machine.ingest.index.upsert(upsert("b"));
  const body = Buffer.from("{");
  const record = { id: "qrt_1", box: "gate-1", path: "/HistoryEvent", reason: "not-json", receivedAt: noon };
  await machine.ingest.quarantine.put({ ...record, headers: {}, body, event: null });
  const key = await machine.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: "ab" });
  const change = (sql: string, ...values: string[]) => {
    using database = new DatabaseSync(machine.folder.database);
    expect(database.prepare(sql).run(...values).changes).toBe(1);
  };
  return { machine, logged, eventId, keyId: key.id, change };
}

it.each([
  ["is cut off", '{"kind":"history","person":{"name":"小明', "reports: expected array"],
  ["has a number in the place of a text", '{"person":{"name":5}}', "reports.0.person.name: expected string"],
  ["is of a kind that this version does not know", '{"kind":"rumour"}', "reports.0.kind: invalid_value"],
])("an event whose report %s is an error that names it, and never another event", async (_, text, fault) => {
  const { machine, logged, eventId, change } = await machineWithRows();
  const report = JSON.stringify({ ...upsert("a").report, ...(text.endsWith("}") ? JSON.parse(text) : {}) });
  change("UPDATE reports SET report = ? WHERE event_id = ?", text.endsWith("}") ? report : text, eventId);
  const broken = new Error(`event ${eventId} is not as this version stores it: ${fault}`);
  await expect(machine.reads.events.get(eventId)).rejects.toThrow(broken);
  await expect(machine.reads.events.list({}, { limit: 10, cursor: null })).rejects.toThrow(broken);
  const authorization = `Bearer ${machine.adminToken}`;
  const answer = await machine.api.request("/v1/events", { headers: { authorization } });
  expect([answer.status, (await answer.text()).includes("小明")]).toEqual([503, false]);
  expect(logged).toContainEqual({ level: "error", message: "request not answered", facts: { cause: broken } });
});

it("an event without a report is an error that names it", async () => {
  const { machine, eventId, change } = await machineWithRows();
  change("DELETE FROM reports WHERE event_id = ?", eventId);
  await expect(machine.reads.events.get(eventId)).rejects.toThrow(`event ${eventId} is not as this version stores it`);
});

it("an event whose report is broken can be erased, and the others are read then", async () => {
  const { machine, eventId, change } = await machineWithRows();
  change("UPDATE reports SET report = '{' WHERE event_id = ?", eventId);
  expect(await machine.reads.eraser.eraseEvent(eventId)).toBe(true);
  const { items } = await machine.reads.events.list({}, { limit: 10, cursor: null });
  expect(items).toMatchObject([{ id: upsert("b").eventId }]);
});

it("a record in quarantine whose headers are no texts is an error that names it", async () => {
  const { machine, change } = await machineWithRows();
  change("UPDATE quarantine SET headers = ?", '{"content-type":5}');
  await expect(machine.reads.quarantine.get("qrt_1")).rejects.toThrow(
    "quarantine record qrt_1 is not as this version stores it: headers.content-type: expected string",
  );
});

it("a key of a scope that this version does not know opens nothing", async () => {
  const { machine, keyId, change } = await machineWithRows();
  change("UPDATE keys SET scope = 'root'");
  await expect(machine.ingest.keys.find("ab")).rejects.toThrow(`key ${keyId} is not as this version stores it: scope`);
});

it("what a box said of itself that is no object stops the erasure of a person, and is named", async () => {
  const { machine, change } = await machineWithRows();
  await machine.ingest.boxStatus?.put({ box: "gate-1", kind: "status", receivedAt: noon, report: {} });
  change("UPDATE notices SET report = '[]'");
  await expect(machine.reads.eraser.erasePerson("666666", null)).rejects.toThrow(
    "notice status of gate-1 is not as this version stores it: report: custom",
  );
});
