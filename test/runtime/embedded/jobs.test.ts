import fs, { existsSync } from "node:fs";
import { open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { batchJob } from "@gatepost/api";
import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import { merge } from "@gatepost/protocol";
import { portsForApi, receiver } from "@gatepost/receive";
import { Writer } from "@gatepost/sqlite";
import { expect, it, onTestFinished, vi } from "vitest";
import { ExportFolder } from "../../../packages/embedded/src/jobs/exports.ts";
import { JobWorker } from "../../../packages/embedded/src/jobs/worker.ts";
import { resumeBatches } from "../../../packages/embedded/src/runtime/ingest.ts";
import { action, day, noon, picture, replayJob, report, upsert } from "../../contract/samples.ts";
import { openBelow } from "../../support/file-handles.ts";
import { boxRequest, success } from "../../support/http.ts";
import { jpeg } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { isWhole } from "../../support/seeded.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { filesIn, holding } from "../../support/traces.ts";
import { maxInOneTurn } from "../../support/turns.ts";
import { openedByTests, temporaryDataFolder, temporaryFolder } from "./temporary.ts";

const { closers, openRuntimeHere } = openedByTests();

function client(runtime: Runtime) {
  const headers = { authorization: `Bearer ${runtime.adminToken}` };
  const ask = (path: string, method = "GET", body?: object) =>
    runtime.api.fetch(
      new Request(`http://gatepost${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) }),
    );
  const create = async (body: object) => ((await (await ask("/v1/jobs", "POST", body)).json()) as { id: string }).id;
  const job = async (id: string) => (await (await ask(`/v1/jobs/${id}`)).json()) as Shown;
  const ended = async (id: string) => {
    await expect.poll(async () => (await job(id)).state).not.toMatch(/waiting|running/);
    return job(id);
  };
  return { ask, create, job, ended };
}

interface Shown {
  state: string;
  done: number;
  of: number;
  reason: string | null;
  result: { url: string; erased: object } | null;
}

const write = async (runtime: Runtime, count: number) => {
  const person = { id: "id-of-erased", name: "Erasa Nominata", type: "vip" as const };
  const writes = Array.from({ length: count }, (_, n) =>
    runtime.ingest.index.upsert(upsert(`event ${n}`, { report: report({ person, time: noon - n }) })),
  );
  await Promise.all(writes);
};

it.runIf(isWhole)("the rest of a batch of over 100,000 values is replayed by a job", async () => {
  const { runtime } = await openRuntimeHere({ clock: () => noon });
  const token = newToken("ingest");
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
  const face = (n: number) => Buffer.concat([jpeg(n), Buffer.alloc(20_000, n)]).toString("base64");
  const body = Array.from({ length: 120 }, (_, n) =>
    history({ identity_id: "7", timestamp: noon - n * 1000, bulk: Array(999).fill(0) }, { recognize_face: face(n) }),
  );
  const answer = await receiver(runtime.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body }));
  expect(answer).toEqual(success);
  const count = async () => (await runtime.reads.events.count({}, 1000)).count;
  await expect.poll(count).toBe(120);
  const { items } = await runtime.reads.events.list({}, { limit: 200, cursor: null });
  const faces = items.map((event) => merge(event).pictures.face?.bytes);
  expect(new Set(faces)).toEqual(new Set(Array.from({ length: 120 }, (_, n) => Buffer.from(face(n), "base64").length)));
  const records = async () => (await runtime.reads.quarantine.list(null, { limit: 500, cursor: null })).items;
  await expect.poll(async () => (await records()).map(({ reason }) => reason)).not.toContain("batch-too-long");
  await expect.poll(() => runtime.jobs.store.unfinished()).toEqual([]);
});

/** Over 10,000 lines of a terminal about 100 passings: a repeat costs little. */
const attlog = Array.from({ length: 10_500 }, (_, n) => `${n % 100}\t2026-11-18 08:0${n % 10}:00\t0\t15\n`).join("");

it.runIf(isWhole)("a batch of over 10,000 lines is replayed by itself, and continues after a restart", async () => {
  const { path: data, remove } = await temporaryDataFolder();
  closers.push(remove);
  const first = await openRuntime({ data, zone: "Asia/Shanghai", log: quiet });
  const token = newToken("ingest");
  await first.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
  const sent = { path: `/${token}/iclock/cdata`, query: "SN=SIM1&table=ATTLOG", body: attlog };
  expect((await receiver(first.ingest)(boxRequest(sent))).body).toBe("OK: 10500");
  const open = async ({ jobs }: Runtime) => (await jobs.store.unfinished()).map(({ done, of }) => [done, of]);
  await expect.poll(() => open(first), { timeout: 60_000 }).toEqual([[expect.any(Number), 10_500]]);
  await first.close();
  const runtime = await openRuntime({ data, zone: "Asia/Shanghai", log: quiet });
  try {
    await runtime.jobs.queue.push();
    await expect.poll(() => open(runtime), { timeout: 60_000 }).toEqual([]);
    expect((await runtime.reads.events.count({}, 1000)).count).toBe(100);
    expect((await runtime.reads.quarantine.list(null, { limit: 10, cursor: null })).items).toEqual([]);
  } finally {
    await runtime.close();
  }
});

it("a long batch without a job is replayed after the next start", async () => {
  const { path: data, remove } = await temporaryDataFolder();
  closers.push(remove);
  const runtime = await openRuntime({ data, log: quiet });
  const body = Buffer.from(JSON.stringify(Array.from({ length: 3 }, (_, n) => history({ timestamp: noon + n }))));
  const record = {
    id: "qrt_1",
    box: "gate-1",
    path: "/HistoryEvent",
    headers: {},
    event: null,
    receivedAt: Date.now(),
  };
  await runtime.ingest.quarantine.put({ ...record, reason: "batch-too-long", body });
  await runtime.close();
  const again = await openRuntime({ data, log: quiet });
  try {
    await expect.poll(async () => (await again.reads.events.count({}, 10)).count).toBe(3);
    await expect.poll(() => again.reads.quarantine.get("qrt_1")).toBeNull();
  } finally {
    await again.close();
  }
});

it("long batches that have no job get one, by one list of the jobs", async () => {
  const { runtime } = await openRuntimeHere({ clock: () => noon });
  const { quarantine } = runtime.ingest;
  const { store } = runtime.jobs;
  await store.createOnce(batchJob("known", { record: "qrt_0" }, noon));
  const record = { box: "gate-1", path: "/HistoryEvent", headers: {}, event: null, reason: "batch-too-long" };
  for (let n = 0; n < 3; n++)
    await quarantine.put({ ...record, id: `qrt_${n}`, receivedAt: noon + n, body: Buffer.from("[]") });
  const lists = vi.spyOn(store, "unfinished");
  const made: string[] = [];
  await resumeBatches(async ({ id }) => void made.push(id), runtime.reads);
  expect([made.sort(), lists.mock.calls.length]).toEqual([["qrt_1", "qrt_2"], 1]);
});

it("a long batch that pauses by a fast clock continues once that is corrected", async () => {
  const { runtime } = await openRuntimeHere({ clock: () => noon });
  const { store, queue } = runtime.jobs;
  const job = batchJob("paused", { record: "qrt_none" }, noon);
  await store.createOnce({ ...job, progress: { batch: null, notBefore: noon + 400 * day } });
  await queue.push();
  await expect.poll(() => store.unfinished()).toEqual([]);
});

const quiet = { info() {}, warn() {}, error() {} };

it("an erasure accepts the longest id that is kept", async () => {
  const { runtime } = await openRuntimeHere({ clock: () => noon });
  const person = { id: "身份".repeat(1365), name: "Erasa Nominata", type: "vip" as const };
  await runtime.ingest.index.upsert(upsert("a", { report: report({ person }) }));
  const { create, ended } = client(runtime);
  const id = await create({ kind: "erase", person: person.id, all: true });
  expect(await ended(id)).toMatchObject({ state: "done", done: 1 });
  expect(await runtime.reads.events.get(upsert("a").eventId)).toBeNull();
});

it("an export is a file for its owner only, and is removed after a day", async () => {
  let now = noon;
  const { runtime, folder } = await openRuntimeHere({ clock: () => now });
  await write(runtime, 3);
  const { ask, create, ended } = client(runtime);
  const id = await create({ kind: "export", format: "csv", columns: ["name"] });
  const { result } = await ended(id);
  const path = join(folder, "exports", id);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "exports"))).mode & 0o777).toBe(0o700);
  expect(await (await ask(String(result?.url))).text()).toBe(`"name"\r\n${'"Erasa Nominata"\r\n'.repeat(3)}`);
  const sweep = () => runtime.jobs.exports.sweep(runtime.jobs.store, now);
  await sweep();
  expect(existsSync(path)).toBe(true);
  now += 24 * 3600_000;
  await sweep();
  expect(existsSync(path)).toBe(false);
});

it("an export whose result was removed is not read for each new job", async () => {
  let now = noon;
  const { runtime } = await openRuntimeHere({ clock: () => now });
  const { store } = runtime.jobs;
  const { create, ended } = client(runtime);
  const id = await create({ kind: "export", format: "csv", columns: ["name"] });
  await ended(id);
  now += day - 1000;
  await store.tidy();
  expect((await store.unfinished()).map((job) => job.id)).toEqual([id]);
  now += 2000;
  await store.tidy();
  expect(await store.unfinished()).toEqual([]);
  expect(await store.get(id)).toMatchObject({ id, state: "done" });
});

it("an export dated by a fast clock is removed once that is corrected", async () => {
  let now = noon + 400 * day;
  const { runtime, folder } = await openRuntimeHere({ clock: () => now });
  const { store, exports } = runtime.jobs;
  const { create, ended } = client(runtime);
  const id = await create({ kind: "export", format: "csv", columns: ["name"] });
  await ended(id);
  now = noon;
  await exports.sweep(store, now);
  await store.tidy();
  expect([existsSync(join(folder, "exports", id)), await store.unfinished()]).toEqual([false, []]);
});

it("an ended job has no row after thirty days", async () => {
  const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
  const ended = (id: string, at: number) =>
    replayJob(id, { state: "done", done: 1, of: 1, createdAt: at, startedAt: at, endedAt: at });
  const room = { ofKey: 10, inAll: null, aDay: null, results: null };
  await runtime.jobs.store.create(ended("old", noon - 30 * day), room);
  await runtime.jobs.store.create(ended("new", noon - 29 * day), room);
  await runtime.retention.sweep(noon);
  using database = new DatabaseSync(join(folder, "gatepost.db"), { readOnly: true });
  expect(database.prepare("SELECT id FROM jobs").all()).toEqual([{ id: "job_new" }]);
});

it("an order that no box took has no row after thirty days", async () => {
  const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
  const order = { box: "gate-1", person: "888031" };
  await runtime.jobs.removals.ask({ ...order, id: "rem_old", at: noon - 30 * day });
  await runtime.jobs.removals.ask({ ...order, id: "rem_new", at: noon - 29 * day });
  await runtime.retention.sweep(noon);
  using database = new DatabaseSync(join(folder, "gatepost.db"), { readOnly: true });
  expect(database.prepare("SELECT substr(pk, 9) AS id FROM items WHERE pk GLOB 'removal *'").all()).toEqual([
    { id: "rem_new" },
  ]);
});

it("an export reads a page in a turn, so that boxes have theirs between", async () => {
  const { runtime } = await openRuntimeHere({ clock: () => noon });
  await write(runtime, 1100);
  const list = vi.spyOn(runtime.reads.events, "list");
  const { create, ended } = client(runtime);
  const done = create({ kind: "export", format: "csv" }).then(ended);
  expect(await maxInOneTurn(() => list.mock.calls.length, done)).toBe(1);
  // It counts them first, and then writes them, 500 to a page.
  expect(list).toHaveBeenCalledTimes(6);
});

it("a sweep removes files without a job, and leaves unfinished exports", async () => {
  const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
  const exports = new ExportFolder(join(folder, "exports"));
  await exports.sweep(runtime.jobs.store, noon);
  await exports.append("job_lost", Readable.from([Buffer.from("x")]), null);
  await exports.putNote("job_lost", 0, Buffer.from("x"));
  await runtime.jobs.store.create(replayJob("made", { state: "running" }), {
    ofKey: 10,
    inAll: null,
    aDay: null,
    results: null,
  });
  await exports.append("job_made", Readable.from([Buffer.from("x")]), null);
  await exports.sweep(runtime.jobs.store, noon);
  expect(await readdir(join(folder, "exports"))).toEqual(["job_made"]);
});

it("an erasure leaves no byte of the name under which a stranger was registered", async () => {
  const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
  const { ask, create, ended } = client(runtime);
  const stranger = report({ person: { id: "s.1", name: "", type: "stranger" } });
  const face = picture("face");
  await putPicture(runtime.ingest.pictures, "2026-11", "face", face);
  const { data: _, ...facts } = face;
  const enqueued = action("stranger", "1001");
  await runtime.ingest.index.upsert(
    upsert("stranger", { action: enqueued, report: { ...stranger, pictures: { face: facts } } }),
  );
  const approval = await ask(`/v1/actions/${enqueued.id}/approval`, "POST", {
    name: "Erasa Nominata",
    type: "visitor",
  });
  expect(approval.status).toBe(200);
  expect(holding(["Nominata"], await filesIn(folder))).not.toEqual([]);
  const { result } = await ended(await create({ kind: "erase", person: "s.1", all: true }));
  expect(result?.erased).toMatchObject({ events: 1, pictures: 1 });
  expect(holding(["Nominata"], await filesIn(folder))).toEqual([]);
});

it("bytes that a failed try left are cut off by the next", async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const exports = new ExportFolder(folder.path);
  const first = await exports.append("job_1", Readable.from([Buffer.from("first")]), null);
  await exports.append("job_1", Readable.from([Buffer.from(" and lost, longer")]), first);
  await exports.append("job_1", Readable.from([Buffer.from(" second")]), first);
  expect(await readFile(join(folder.path, "job_1"), "utf8")).toBe("first second");
  expect(await exports.read("job_2")).toBeNull();
});

it("an export leaves a twentieth of the disk free, 5 GB at most", async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const gigabyte = 1024 ** 3;
  const disk = { blocks: 0, bavail: 0, bsize: gigabyte };
  const exports = new ExportFolder(folder.path, async () => disk);
  const roomOn = (blocks: number, bavail: number) => {
    Object.assign(disk, { blocks, bavail });
    return exports.room();
  };
  expect([await roomOn(40, 20), await roomOn(1000, 20)]).toEqual([18 * gigabyte, 15 * gigabyte]);
  const begun = await exports.append("job_1", Readable.from([Buffer.from("x")]), null);
  expect(await roomOn(40, 1)).toBeLessThan(0);
  const more = exports.append("job_1", Readable.from([Buffer.from("y")]), begun);
  await expect(more).rejects.toMatchObject({ kind: "too-large", message: expect.stringContaining("nearly full") });
  expect(await readFile(join(folder.path, "job_1"), "utf8")).toBe("x");
});

it("an export whose beginning is lost fails, and has no zeros there", async () => {
  const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
  await write(runtime, 1);
  const file = { bytes: 100 };
  const of = { bytes: 100, tableBytes: 100, tableCrc: 0, entries: 0, notes: 0, expected: 100, cursor: null };
  const job = {
    id: "job_begun",
    step: 0,
    by: "key_1",
    state: "running" as const,
    progress: { phase: "table", ...of, file },
    done: 0,
    of: 1,
    createdAt: noon,
    startedAt: noon,
    endedAt: null,
    result: null,
    reason: null,
    asked: { kind: "export" as const, format: "csv" as const, filter: {} },
  };
  await runtime.jobs.store.create(job, { ofKey: 10, inAll: null, aDay: null, results: null });
  await runtime.jobs.queue.push();
  const ended = await client(runtime).ended(job.id);
  expect(ended).toMatchObject({ state: "failed", reason: expect.stringContaining("export again") });
  await expect.poll(() => readdir(join(folder, "exports"))).toEqual([]);
});

it.each([
  ["a restart", 0],
  ["forty days without a server, or by a clock that is ahead", 40 * day],
])("an erasure continues after %s, and leaves no byte of the person", async (_, away) => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const log = { info() {}, warn() {}, error() {} };
  const opened = (ms: number) => openRuntime({ data: folder.path, clock: () => noon + ms, log });
  const first = await opened(0);
  await write(first, 2500);
  const id = await client(first).create({ kind: "erase", person: "id-of-erased", all: true });
  await expect.poll(async () => (await client(first).job(id)).done).toBeGreaterThan(0);
  await first.close();
  const second = await opened(away);
  closers.push(() => second.close());
  const { job, ended } = client(second);
  await second.jobs.store.tidy();
  expect((await job(id)).state).toBe("running");
  const end = second.upkeep();
  closers.push(end);
  expect(await ended(id)).toMatchObject({ state: "done", result: { erased: { events: 2500 } } });
  expect(holding(["id-of-erased", "Erasa Nominata"], await filesIn(folder.path))).toEqual([]);
});

it("the undo of a mapping continues after a restart, and removes the mapping", async () => {
  const { path: data, remove } = await temporaryDataFolder();
  closers.push(remove);
  const first = await openRuntime({ data, log: quiet });
  const { ask } = client(first);
  const body = Buffer.from(JSON.stringify({ op: "pass", uid: "7", at: noon }));
  const received = { id: "qrt_1", box: "gate-1", path: "/HistoryEvent", headers: {}, receivedAt: Date.now() };
  await first.ingest.quarantine.put({ ...received, event: null, reason: "unknown-shape", body });
  const fields = { time: { at: "at" }, "person.id": { at: "uid" } };
  const taught = await ask("/v1/mappings", "POST", { name: "Gate", when: { is: { op: "pass" } }, fields });
  const { id } = (await taught.json()) as { id: string };
  expect(await (await ask("/v1/quarantine/qrt_1/replay", "POST")).json()).toMatchObject({ outcome: "stored" });
  const alone = vi.spyOn(first.jobs.queue, "alone").mockRejectedValue(new Error("the process ends"));
  expect((await ask(`/v1/mappings/${id}/undo`, "POST")).status).toBe(503);
  expect(alone).toHaveBeenCalled();
  await first.close();
  const second = await openRuntime({ data, log: quiet });
  closers.push(() => second.close());
  await second.jobs.queue.push();
  await expect.poll(() => second.jobs.store.unfinished()).toEqual([]);
  expect((await client(second).ask(`/v1/mappings/${id}`)).status).toBe(404);
  expect((await second.reads.events.count({}, 10)).count).toBe(0);
  expect(await second.reads.quarantine.get("qrt_1")).toMatchObject({ reason: "unknown-shape" });
});

it("the undo of a mapping puts back a list of signs that another thread has read", async () => {
  const { runtime } = await openRuntimeHere();
  const { ask } = client(runtime);
  const open = vi.spyOn(runtime.ingest.largeBodies ?? expect.fail(), "open");
  const list = Array.from({ length: 3 }, () => ({ op: "beat", note: "x".repeat(1_000_000) }));
  const received = { id: "qrt_1", box: "gate-1", path: "/HistoryEvent", headers: {}, receivedAt: Date.now() };
  const body = Buffer.from(JSON.stringify({ list }));
  await runtime.ingest.quarantine.put({ ...received, event: null, reason: "unknown-shape", body });
  const fields = { time: { at: "at" }, "person.id": { at: "uid" } };
  const signs = [{ when: { is: { op: "beat" } }, sign: "heartbeat" }];
  const mapping = { name: "Gate", each: "list", when: { is: { op: "pass" } }, fields, signs };
  const { id } = (await (await ask("/v1/mappings", "POST", mapping)).json()) as { id: string };
  const replayed = await (await ask("/v1/quarantine/qrt_1/replay", "POST")).json();
  expect([replayed, open.mock.calls.length]).toMatchObject([{ outcome: "stored", events: [] }, 1]);
  expect(await runtime.reads.quarantine.get("qrt_1")).toBeNull();
  expect(await (await ask(`/v1/mappings/${id}/undo`, "POST")).json()).toMatchObject({ events: 0, records: 1 });
  expect(await runtime.reads.quarantine.get("qrt_1")).toMatchObject({ reason: "unknown-shape" });
});

it("an erasure is done only after the log has no data of the person", async () => {
  const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
  await write(runtime, 3);
  const { create, ended } = client(runtime);
  using database = new DatabaseSync(runtime.folder.database, { readOnly: true });
  const isDone = () => database.prepare("SELECT 1 FROM jobs WHERE job ->> 'state' = 'done'").get() !== undefined;
  const held = Promise.withResolvers<void>();
  const { alone } = Writer.prototype;
  const emptying = vi.spyOn(Writer.prototype, "alone").mockImplementation(async function (this: Writer, work) {
    if (isDone()) await held.promise;
    return alone.call(this, work);
  });
  onTestFinished(() => emptying.mockRestore());
  const id = await create({ kind: "erase", person: "id-of-erased", all: true });
  await expect.poll(isDone).toBe(true);
  let told = "nothing";
  const end = ended(id).then(({ state }) => {
    told = state;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const toldBefore = told;
  held.resolve();
  await end;
  expect([toldBefore, told]).toEqual(["nothing", "done"]);
  expect(holding(["id-of-erased", "Erasa Nominata"], await filesIn(folder))).toEqual([]);
});

it("a job whose store fails is retried, and delays no other", async () => {
  const { runtime, folder, logged } = await openRuntimeHere({ clock: () => noon });
  await write(runtime, 1);
  const inTheWay = join(folder, "exports");
  await writeFile(inTheWay, "a file where the folder should be");
  const { create, ended } = client(runtime);
  const id = await create({ kind: "export", format: "csv" });
  const other = await create({ kind: "replay" });
  expect(await ended(other)).toMatchObject({ state: "done" });
  await expect.poll(() => logged.map(({ message }) => message)).toContain("a job failed, trying again");
  await rm(inTheWay);
  expect(await ended(id)).toMatchObject({ state: "done", done: 1 });
});

it("a first export fails with the reason on a full disk", async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const full = Object.assign(new Error("ENOSPC: no space left on device, mkdir"), { code: "ENOSPC" });
  const making = vi.spyOn(fs, "mkdirSync").mockImplementation(() => {
    throw full;
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    making.mockRestore();
    syncBuiltinESMExports();
  });
  const isFull = { kind: "unavailable", message: "the disk is full: make room for the data folder" };
  await expect(new ExportFolder(join(folder.path, "exports")).room()).rejects.toMatchObject(isFull);
});

it("an export on a full disk fails with that reason", async () => {
  const { runtime } = await openRuntimeHere({ clock: () => noon });
  await write(runtime, 1);
  const { create, job } = client(runtime);
  await runtime.jobs.queue.close();
  const id = await create({ kind: "export", format: "csv" });
  await using file = await open(runtime.folder.rules, "a");
  const writing = vi.spyOn(Object.getPrototypeOf(file), "write");
  writing.mockRejectedValue(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }));
  onTestFinished(() => writing.mockRestore());
  const deps = { ...portsForApi(runtime.ingest), ...runtime.reads, replay: async () => [], clock: () => noon };
  const worker = new JobWorker(() => deps, undefined, 1);
  await worker.push();
  await expect.poll(async () => (await job(id)).state).toBe("failed");
  expect((await job(id)).reason).toBe(
    "the disk is full: make room for the data folder; ask for it again: finished work is kept",
  );
  await worker.close();
});

it("a job that fails six times in a row is ended", async () => {
  const { runtime } = await openRuntimeHere({ clock: () => noon });
  const failing = { ...portsForApi(runtime.ingest), ...runtime.reads, replay: async () => [], clock: () => noon };
  const list = vi.fn(() => Promise.reject(new Error("the disk is gone")));
  failing.quarantine = Object.assign(Object.create(runtime.reads.quarantine), { list });
  const { create, job } = client(runtime);
  await runtime.jobs.queue.close();
  const id = await create({ kind: "replay" });
  const worker = new JobWorker(() => failing, undefined, 1);
  await worker.push();
  await expect.poll(async () => (await job(id)).state).toBe("failed");
  expect((await job(id)).reason).toContain("a store does not answer");
  expect(list).toHaveBeenCalledTimes(6);
  await worker.close();
});

it("a job that never fails six times in a row is done", async () => {
  const { runtime } = await openRuntimeHere({ clock: () => noon });
  const record = { box: "gate-1", path: "/", reason: "not-json", headers: {}, body: Buffer.from("{"), event: null };
  for (let n = 0; n < 3; n++) await runtime.ingest.quarantine.put({ ...record, id: `qrt_${n}`, receivedAt: noon - n });
  let asked = 0;
  const replay = async () => {
    asked += 1;
    if (asked % 6 !== 0) throw new Error("the disk does not answer");
    return [];
  };
  const deps = { ...portsForApi(runtime.ingest), ...runtime.reads, replay, clock: () => noon };
  const { create, ended } = client(runtime);
  await runtime.jobs.queue.close();
  const id = await create({ kind: "replay" });
  const worker = new JobWorker(() => deps, { events: 10, records: 1, bytes: 1 }, 1);
  await worker.push();
  expect(await ended(id)).toMatchObject({ state: "done", done: 3 });
  expect(asked).toBe(18);
  await worker.close();
});

it("a disk that cannot read jobs is logged, and ends nothing else", async () => {
  const { runtime, logged } = await openRuntimeHere({ clock: () => noon });
  await runtime.jobs.queue.close();
  vi.spyOn(runtime.jobs.store, "unfinished").mockRejectedValue(new Error("disk I/O error"));
  const deps = { ...portsForApi(runtime.ingest), ...runtime.reads, replay: async () => [], clock: () => noon };
  const worker = new JobWorker(() => deps, undefined, 1);
  await worker.push();
  await expect.poll(() => logged.map(({ message }) => message)).toContain("jobs could not be done, trying again");
  await worker.close();
});

it("the result of an export is opened only when it is read", async () => {
  const { path, remove } = await temporaryFolder();
  closers.push(remove);
  const exports = new ExportFolder(join(path, "exports"));
  await exports.append("job_1", Readable.from([Buffer.alloc(1024 * 1024)]), null);
  const read = await exports.read("job_1");
  expect(await openBelow(path)).toEqual([]);
  const reader = read?.stream.getReader();
  expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
  expect(await openBelow(path)).toEqual([join(path, "exports", "job_1")]);
  await reader?.cancel();
  await expect.poll(() => openBelow(path)).toEqual([]);
});
