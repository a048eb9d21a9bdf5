import { openRuntime } from "@gatepost/embedded";
import { Writer } from "@gatepost/sqlite";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { day, noon, report, upsert } from "../../contract/samples.ts";
import { temporaryDataFolder } from "./temporary.ts";

const quiet = { info() {}, warn() {}, error() {} };
let now: number;
let folder: Awaited<ReturnType<typeof temporaryDataFolder>>;
let on: Awaited<ReturnType<typeof openRuntime>>;

beforeEach(async () => {
  now = noon;
  folder = await temporaryDataFolder();
  on = await opened();
});
afterEach(async () => {
  await on.close();
  await folder.remove();
});

const opened = () => openRuntime({ data: folder.path, clock: () => now, log: quiet });
const restart = async () => {
  await on.close();
  on = await opened();
};
const ask = async (method: string, body?: unknown) => {
  const headers = { authorization: `Bearer ${on.adminToken}` };
  const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await on.api.fetch(new Request("http://gatepost/v1/retention", sent));
  return { status: answer.status, body: await answer.json() };
};
const set = async (eventDays: number, quarantineDays: number) =>
  expect((await ask("PUT", { eventDays, quarantineDays })).status).toBe(200);
const add = (name: string, receivedAt = noon) =>
  on.ingest.index.upsert(
    upsert(name, {
      report: report({ receivedAt }),
      now: receivedAt,
      expiresAt: receivedAt + on.ingest.settings.retentionDays * day,
    }),
  );
const there = async (name: string) => (await on.reads.events.get(upsert(name).eventId)) !== null;
const record = { id: "qrt_1", box: "gate-1", path: "/HistoryEvent", reason: "not-json", headers: {}, event: null };

it("the retention is the server's setting until it is changed, also after a restart", async () => {
  expect((await ask("GET")).body).toEqual({ eventDays: 90, quarantineDays: 90, sceneDays: null, isEditable: true });
  await set(30, 14);
  expect((await ask("GET")).body).toEqual({ eventDays: 30, quarantineDays: 14, sceneDays: null, isEditable: true });
  await restart();
  expect((await ask("GET")).body).toEqual({ eventDays: 30, quarantineDays: 14, sceneDays: null, isEditable: true });
  expect(on.ingest.settings.retentionDays).toBe(30);
});

it("a new retention applies to old and new events, also after an interruption", async () => {
  for (let n = 0; n < 450; n++) await add(`old ${n}`);
  await on.ingest.quarantine.put({ ...record, receivedAt: noon, body: Buffer.from("x") });
  await set(10, 5);
  await restart();
  await add("new", noon + day);
  await on.retention.applyDays();
  now = noon + 5 * day;
  expect((await on.reads.quarantine.list(null, { limit: 5, cursor: null })).items).toEqual([]);
  now = noon + 10 * day - 1;
  expect([await there("old 0"), await there("old 449"), await there("new")]).toEqual([true, true, true]);
  now = noon + 10 * day;
  expect([await there("old 0"), await there("old 449"), await there("new")]).toEqual([false, false, true]);
  await on.retention.sweep(now);
  expect((await on.reads.events.list({}, { limit: 500, cursor: null })).items).toHaveLength(1);
});

it("a second change during the first removes nothing by the first", async () => {
  for (let n = 0; n < 250; n++) await add(`old ${n}`);
  await set(1, 1);
  const { run } = Writer.prototype;
  vi.spyOn(Writer.prototype, "run").mockImplementationOnce(async function <T>(this: Writer, work: () => T): Promise<T> {
    await set(90, 90);
    return run.call(this, work) as Promise<T>;
  });
  now = noon + 2 * day;
  await on.retention.sweep(now);
  expect((await on.reads.events.list({}, { limit: 500, cursor: null })).items).toHaveLength(250);
  now = noon + 90 * day;
  await on.retention.sweep(now);
  expect((await on.reads.events.list({}, { limit: 500, cursor: null })).items).toEqual([]);
});

it("a longer retention keeps the present events for longer", async () => {
  await set(10, 10);
  await add("a");
  await set(20, 20);
  await on.retention.applyDays();
  now = noon + 20 * day - 1;
  expect(await there("a")).toBe(true);
  now += 1;
  expect(await there("a")).toBe(false);
});

it("a longer retention brings back only expired events that no sweep has removed", async () => {
  await add("a");
  await on.ingest.quarantine.put({ ...record, receivedAt: noon, body: Buffer.from("x") });
  const quarantined = async () => (await on.reads.quarantine.list(null, { limit: 5, cursor: null })).items.length;
  const change = async (days: number) => {
    await set(days, days);
    await on.retention.applyDays();
    return [await there("a"), await quarantined()];
  };
  now = noon + 5 * day;
  expect(await change(2)).toEqual([false, 0]);
  expect(await change(10)).toEqual([true, 1]);
  expect(await change(2)).toEqual([false, 0]);
  await on.retention.sweep(now);
  expect(await change(10)).toEqual([false, 0]);
});

it.each([
  [{ eventDays: 0, quarantineDays: 1 }],
  [{ eventDays: 3651, quarantineDays: 1 }],
  [{ eventDays: 1.5, quarantineDays: 1 }],
  [{ eventDays: 90 }],
  [{ eventDays: "90", quarantineDays: 14 }],
  [{ eventDays: 90, quarantineDays: 14, more: 1 }],
])("a retention of %j is refused, and the old one stays", async (body) => {
  expect((await ask("PUT", body)).status).toBe(400);
  expect((await ask("GET")).body).toMatchObject({ eventDays: 90, quarantineDays: 90 });
});
