import { runSlice } from "@gatepost/api";
import { dayMs, type MappingId } from "@gatepost/protocol";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { erasePerson } from "../../support/erase-person.ts";
import { addAccount, signedIn } from "./people.ts";
import { jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

const gate = {
  name: "Gate",
  when: { is: { op: "pass" } },
  fields: { time: { at: "ts" }, "person.id": { at: "uid" } },
  pictures: { face: "shot" },
};
const body = (uid: string) => ({ op: "pass", uid, ts: noon / 1000, shot: jpeg(uid).toString("base64") });

let deps: TestRuntime;
let administrator: string;
let headers: Record<string, string>;
async function begin(): Promise<void> {
  deps = await runtime();
  administrator = await addAccount(deps, "administrator", { boxes: null });
  headers = await signedIn(deps, administrator);
}
beforeEach(begin);

async function ask(method: string, path: string, sent?: unknown) {
  const answer = await deps.ask(path, { method, headers, ...(sent !== undefined && { body: JSON.stringify(sent) }) });
  return { status: answer.status, body: JSON.parse((await answer.text()) || "null") };
}

async function keep(report: unknown, receivedAt = noon + 500): Promise<string> {
  const [outcome] = await deps.deliver(report, { receivedAt });
  return outcome?.quarantined?.id ?? "";
}

async function teach(mapping: object = gate): Promise<MappingId> {
  const { body: made } = await ask("POST", "/v1/mappings", mapping);
  deps.ingest.now += 61_000;
  return made.id;
}

const replayed = (id: string) => ask("POST", `/v1/quarantine/${id}/replay`);
const undo = (id: string) => ask("POST", `/v1/mappings/${id}/undo`);
const preview = async (id: string) => (await ask("GET", `/v1/mappings/${id}/undo`)).body;
const stay = { gone: 0, joined: 0 };
/** The answer of an undo that has ended. */
const done = (numbers: object) => ({ stay, isDone: true, job: expect.stringMatching(/^job_/), ...numbers });
/** Runs all jobs to their ends. */
async function runJobs(): Promise<void> {
  for (const { id } of await deps.deps.jobs.store.unfinished())
    while (await runSlice(id, deps.deps, { events: 1000, records: 20, bytes: 1_000_000 })) deps.ingest.now += 1000;
}
const recordsNow = async () => (await ask("GET", "/v1/quarantine")).body.records.map(({ id }: { id: string }) => id);
const groups = async () => (await ask("GET", "/v1/quarantine/groups")).body.groups.length;
const people = () => deps.ingest.events().map(({ person }) => person.id);

describe("a record that a mapping has replayed", () => {
  it("is in no list and no group, and is read with its event", async () => {
    const id = await keep(body("7"));
    await teach();
    expect((await replayed(id)).body).toMatchObject({ outcome: "stored", events: [{ outcome: "created" }] });
    expect([await recordsNow(), await groups(), people()]).toEqual([[], 0, ["7"]]);
    const [event] = deps.ingest.events();
    expect((await ask("GET", `/v1/quarantine/${id}`)).body).toMatchObject({
      reason: "unknown-shape",
      event: { id: event?.id },
    });
    expect((await replayed(id)).status).toBe(404);
  });

  it("is listed for its mapping, and a changed one is tried on it", async () => {
    const [first, second] = [await keep(body("7")), await keep(body("8"), noon + 501)];
    const mapping = await teach();
    for (const id of [first, second]) await replayed(id);
    const { records } = (await ask("GET", `/v1/mappings/${mapping}/records`)).body;
    const events = deps.ingest.events().toSorted((a, b) => String(b.person.id).localeCompare(String(a.person.id)));
    const listed = { box: "gate-1", reason: "unknown-shape", bytes: Buffer.from(JSON.stringify(body("7"))).length };
    expect(records).toMatchObject([
      { id: second, event: { id: events[0]?.id }, ...listed },
      { id: first, event: { id: events[1]?.id }, ...listed },
    ]);
    const changed = { ...gate, fields: { ...gate.fields, "person.name": { at: "uid" } } };
    const tried = await ask("POST", "/v1/mappings/try", { mapping: changed, records: [second] });
    expect(tried.body.results[0].outcomes).toMatchObject([{ is: "event", event: { person: { id: "8", name: "8" } } }]);
    expect((await ask("GET", `/v1/quarantine/${first}/values`)).body.values).toContainEqual(
      expect.objectContaining({ path: "uid", value: "7" }),
    );
    await undo(mapping);
    expect((await ask("GET", `/v1/mappings/${mapping}/records`)).body).toEqual({ records: [] });
  });

  it("is listed among the newest 100 of seven days", async () => {
    const mapping = await teach();
    const { quarantine, replayed } = deps.deps;
    const facts = { box: "gate-1", path: "/HistoryEvent", reason: "unknown-shape", headers: {}, event: null };
    const ids = Array.from({ length: 103 }, (_, at) => `qrt_${at}`);
    for (const [at, id] of ids.entries()) {
      const record = { ...facts, id, body: Buffer.from(id), receivedAt: noon + at };
      await quarantine.put(record);
      await quarantine.setAside(id, { events: ["evt_a"], until: noon + 7 * dayMs });
      await replayed.note({ ...record, event: "evt_a", keptFor: null }, new Map([[mapping, ["evt_a"]]]));
    }
    const listed = async () =>
      (await ask("GET", `/v1/mappings/${mapping}/records`)).body.records.map(({ id }: { id: string }) => id);
    expect(await listed()).toEqual(ids.slice(3).reverse());
    await quarantine.remove("qrt_102");
    expect(await listed()).toEqual(ids.slice(3, -1).reverse());
    deps.ingest.now = noon + 7 * dayMs;
    headers = await signedIn(deps, administrator);
    expect(await listed()).toEqual([]);
  });

  it("is not kept if no mapping has read it", async () => {
    const id = await keep({ hello: "world" });
    const { quarantine } = deps.deps;
    const record = await quarantine.get(id);
    await quarantine.remove(id);
    await quarantine.put({ ...(record ?? expect.fail()), body: Buffer.from(JSON.stringify(passing())) });
    expect((await replayed(id)).body.outcome).toBe("stored");
    expect(await quarantine.putBack({ id, receivedAt: noon + 500 })).toBe(false);
  });

  it("is erased with its event and its person", async () => {
    const records = [await keep(body("7")), await keep(body("8"), noon + 600)];
    const mapping = await teach();
    for (const id of records) await replayed(id);
    const [event] = deps.ingest.events().filter(({ person }) => person.id === "7");
    await deps.deps.eraser.eraseEvent(event?.id ?? "");
    await erasePerson(deps.deps.eraser, "8", null);
    expect((await undo(mapping)).body).toEqual(done({ events: 0, records: 0 }));
    expect([await recordsNow(), people()]).toEqual([[], []]);
  });

  it("is erased with an event that is erased during its replay", async () => {
    const id = await keep(body("7"));
    await teach();
    const { replay, eraser } = deps.deps;
    let erasing: Promise<number> = Promise.resolve(0);
    deps.deps.replay = async (record) => {
      const outcomes = await replay(record);
      erasing = erasePerson(eraser, "7", null);
      return outcomes;
    };
    await replayed(id);
    await erasing;
    expect(people()).toEqual([]);
    expect(await deps.deps.quarantine.putBack({ id, receivedAt: noon + 500 })).toBe(false);
  });
});

describe("the undo of a mapping", () => {
  it("removes the mapping, erases the events of its replays, and puts their records back", async () => {
    const records = [await keep(body("7")), await keep(body("8"), noon + 600)];
    const before = (await ask("GET", "/v1/quarantine")).body;
    const mapping = await teach();
    for (const id of records) await replayed(id);
    expect((await undo(mapping)).body).toEqual(done({ events: 2, records: 2 }));
    expect((await ask("GET", "/v1/quarantine")).body).toEqual(before);
    expect((await ask("GET", `/v1/mappings/${mapping}`)).status).toBe(404);
    expect(people()).toEqual([]);
  });

  it("gives the same answer if it is asked for again, and 404 for an unknown mapping", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await replayed(id);
    const first = await undo(mapping);
    expect(first.body).toEqual(done({ events: 1, records: 1 }));
    expect(await undo(mapping)).toEqual(first);
    expect(await preview(mapping)).toEqual({ events: 0, records: 0, stay, isExact: true });
    for (const method of ["GET", "POST"])
      expect((await ask(method, "/v1/mappings/map_000000000000000000/undo")).status).toBe(404);
  });

  it("lets another mapping read the same records, and is undone again", async () => {
    const id = await keep(body("7"));
    for (const name of ["first", "second", "third"]) {
      const mapping = await teach({ ...gate, name });
      expect((await replayed(id)).body).toMatchObject({ outcome: "stored", events: [{ outcome: "created" }] });
      expect(deps.ingest.events()[0]?.reports[0]).toMatchObject({ dialect: mapping, dialectName: name });
      expect((await undo(mapping)).body).toEqual(done({ events: 1, records: 1 }));
    }
    expect([await recordsNow(), people()]).toEqual([[id], []]);
  });

  it("keeps events that the mapping made of reports when they were received", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await replayed(id);
    await keep(body("8"), deps.ingest.now);
    expect((await undo(mapping)).body).toEqual(done({ events: 1, records: 1 }));
    expect(people()).toEqual(["8"]);
  });

  it("keeps an event that another report has joined", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await replayed(id);
    const realtime = await teach({ ...gate, name: "live", kind: "realtime", when: { is: { op: "pass", live: 1 } } });
    await keep({ ...body("7"), live: 1 }, deps.ingest.now);
    expect(
      deps.ingest
        .events()[0]
        ?.reports.map(({ dialect }) => dialect)
        .toSorted(),
    ).toEqual([mapping, realtime].toSorted());
    const found = { events: 0, records: 1, stay: { gone: 0, joined: 1 } };
    expect(await preview(mapping)).toEqual({ ...found, isExact: true });
    expect((await undo(mapping)).body).toEqual(done(found));
    expect([await recordsNow(), people()]).toEqual([[id], ["7"]]);
  });

  it("erases an event of two records that it has replayed", async () => {
    const mapped = { ...gate, when: { is: { op: "pass" } } };
    const records = [await keep(body("7")), await keep({ ...body("7"), shot: undefined, note: "x" }, noon + 600)];
    const mapping = await teach(mapped);
    for (const id of records) await replayed(id);
    const events = deps.ingest.events().length;
    expect((await undo(mapping)).body).toEqual(done({ events, records: 2 }));
    expect([(await recordsNow()).toSorted(), people()]).toEqual([records.toSorted(), []]);
  });

  /** Replays all records by a job. Returns its result. */
  async function replayAll() {
    const { id } = (await ask("POST", "/v1/jobs", { kind: "replay" })).body;
    await runJobs();
    return (await ask("GET", `/v1/jobs/${id}`)).body.result;
  }

  /** A report without a face, and its mapping: a second one with other counters is a repeat. */
  const atGate = { op: "pass", uid: "7", ts: noon / 1000, gate: "N1" };
  const ofGate = { ...gate, pictures: {}, fields: { ...gate.fields, "device.id": { at: "gate" } } };

  it("puts back all records that became one event by a wrong mapping", async () => {
    for (let at = 0; at < 20; at++) await keep({ ...atGate, n: at }, noon + 100 * at);
    const left = await recordsNow();
    expect(left).toHaveLength(20);
    const mapping = await teach(ofGate);
    expect(await replayAll()).toEqual({ stored: 20, noEvent: 0, kept: [] });
    const [event, ...others] = deps.ingest.events();
    expect([Date.parse(event?.receivedAt ?? ""), others, await recordsNow()]).toEqual([noon, [], []]);
    const { records } = (await ask("GET", `/v1/mappings/${mapping}/records`)).body;
    expect(records.map((one: { id: string }) => one.id)).toEqual(left);
    expect(records.map((one: { event: object }) => one.event)).toEqual(left.map(() => ({ id: event?.id })));
    expect(await preview(mapping)).toEqual({ events: 1, records: 20, stay, isExact: true });
    await undo(mapping);
    await runJobs();
    expect([people(), await recordsNow()]).toEqual([[], left]);
    expect(await preview(mapping)).toEqual({ events: 0, records: 0, stay, isExact: true });
  });

  it("puts back a record whose event was there before its replay, and keeps the event", async () => {
    const id = await keep(atGate);
    const mapping = await teach(ofGate);
    await keep({ ...atGate, retry: 1 }, deps.ingest.now);
    expect((await replayed(id)).body).toMatchObject({ outcome: "stored", events: [{ outcome: "duplicate" }] });
    expect(await preview(mapping)).toEqual({ events: 0, records: 1, stay, isExact: true });
    expect((await undo(mapping)).body).toEqual(done({ events: 0, records: 1 }));
    expect([await recordsNow(), people()]).toEqual([[id], ["7"]]);
  });

  it("puts back passings that a wrong sign has read", async () => {
    for (const uid of ["7", "8", "9"]) await keep(body(uid), noon + Number(uid));
    const left = await recordsNow();
    const mapping = await teach({ ...gate, signs: [{ when: { is: { op: "pass" } }, sign: "heartbeat" }] });
    expect(await replayAll()).toEqual({ stored: 0, noEvent: 3, kept: [] });
    expect([await recordsNow(), people()]).toEqual([[], []]);
    const { records } = (await ask("GET", `/v1/mappings/${mapping}/records`)).body;
    expect(records).toMatchObject(left.map((id: string) => ({ id, event: null })));
    expect((await ask("GET", `/v1/quarantine/${left[0]}`)).body).toMatchObject({ event: null });
    expect(await preview(mapping)).toEqual({ events: 0, records: 3, stay, isExact: true });
    expect((await undo(mapping)).body).toEqual(done({ events: 0, records: 3 }));
    expect(await recordsNow()).toEqual(left);
  });

  it("puts back a list of signs and passings", async () => {
    const id = await keep({ list: [{ op: "beat" }, body("7"), { op: "beat" }] });
    const signs = [{ when: { is: { op: "beat" } }, sign: "heartbeat" }];
    const mapping = await teach({ ...gate, each: "list", signs });
    expect(await replayAll()).toEqual({ stored: 1, noEvent: 0, kept: [] });
    expect((await undo(mapping)).body).toEqual(done({ events: 1, records: 1 }));
    expect([await recordsNow(), people()]).toEqual([[id], []]);
  });

  it("has nothing of a record whose passing was erased before its replay", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await erasePerson(deps.deps.eraser, "7", null);
    expect((await replayed(id)).body).toMatchObject({ outcome: "stored", events: [] });
    expect(await preview(mapping)).toEqual({ events: 0, records: 0, stay, isExact: true });
    expect(await deps.deps.quarantine.putBack({ id, receivedAt: noon + 500 })).toBe(false);
  });

  it("puts a list back whole, also after its mapping was removed", async () => {
    const id = await keep({ list: ["7", "8", "9"].map(body) });
    const mapping = await teach({ ...gate, each: "list" });
    await replayed(id);
    expect(people().toSorted()).toEqual(["7", "8", "9"]);
    await ask("DELETE", `/v1/mappings/${mapping}`);
    expect((await undo(mapping)).body).toEqual(done({ events: 3, records: 1 }));
    expect([await recordsNow(), people()]).toEqual([[id], []]);
  });

  it("gives a record that is still kept its first reason again", async () => {
    const id = await keep({ ...body("7"), shot: "no picture at all, but a text" });
    const mapping = await teach();
    for (let times = 0; times < 2; times++)
      expect((await replayed(id)).body).toMatchObject({ outcome: "kept", quarantined: [{ id, reason: "picture" }] });
    expect((await undo(mapping)).body).toEqual(done({ events: 1, records: 1 }));
    expect((await ask("GET", `/v1/quarantine/${id}`)).body).toMatchObject({ reason: "unknown-shape", event: null });
  });

  it("keeps the event of a record after seven days", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await replayed(id);
    deps.ingest.now += 7 * dayMs + 61_000;
    headers = await signedIn(deps, administrator);
    expect((await undo(mapping)).body).toEqual(done({ events: 0, records: 0 }));
    expect([await recordsNow(), people()]).toEqual([[], ["7"]]);
  });

  it("goes on in a job if it takes long", async () => {
    for (let person = 0; person < 45; person++) await keep(body(`${person}`), noon + person);
    const left = await recordsNow();
    const mapping = await teach();
    for (const id of left) await replayed(id);
    const { withdraw } = deps.deps.eraser;
    deps.deps.eraser.withdraw = (...asked) => {
      deps.ingest.now += 15_000;
      return withdraw.apply(deps.deps.eraser, asked);
    };
    const first = (await undo(mapping)).body;
    expect(first).toMatchObject({ records: left.length, isDone: false });
    const again = (await undo(mapping)).body;
    expect([again.job, again.events]).toEqual([first.job, first.events]);
    await runJobs();
    expect((await ask("GET", `/v1/jobs/${first.job}`)).body).toMatchObject({
      kind: "undo",
      state: "done",
      result: { events: left.length, records: left.length, stay },
    });
    expect([people(), await recordsNow()]).toEqual([[], left]);
  });

  it("takes back a record of 2,500 reports", async () => {
    const id = await keep({
      list: Array.from({ length: 2500 }, (_, at) => ({ op: "pass", uid: `${at}`, ts: noon / 1000 })),
    });
    const mapping = await teach({ ...gate, pictures: {}, each: "list" });
    await replayed(id);
    expect(people()).toHaveLength(2500);
    expect(await preview(mapping)).toEqual({ events: 2500, records: 1, stay, isExact: true });
    await undo(mapping);
    await runJobs();
    expect([people(), await recordsNow()]).toEqual([[], [id]]);
  });

  it("takes back what two mappings have made of one record, one after the other", async () => {
    const other = { ...body("8"), op: "leave" };
    const id = await keep({ list: [body("7"), other] });
    const enter = await teach({ ...gate, each: "list" });
    const leave = await teach({ ...gate, name: "Out", when: { is: { op: "leave" } } });
    await replayed(id);
    expect(people().toSorted()).toEqual(["7", "8"]);
    expect((await undo(leave)).body).toEqual(done({ events: 1, records: 1 }));
    expect(people()).toEqual(["7"]);
    expect((await undo(enter)).body).toEqual(done({ events: 1, records: 1 }));
    expect([people(), await recordsNow()]).toEqual([[], [id]]);
  });

  it("takes back an event of which two mappings have read a report each", async () => {
    const records = [await keep(body("7")), await keep({ ...body("7"), live: 1 }, noon + 600)];
    const history = await teach();
    const live = await teach({ ...gate, name: "live", kind: "realtime", when: { is: { op: "pass", live: 1 } } });
    for (const id of records) await replayed(id);
    expect(deps.ingest.events().map(({ reports }) => reports.length)).toEqual([2]);
    expect((await undo(history)).body).toEqual(done({ events: 0, records: 1, stay: { gone: 0, joined: 1 } }));
    expect((await undo(live)).body).toEqual(done({ events: 1, records: 1 }));
    expect([people(), (await recordsNow()).toSorted()]).toEqual([[], records.toSorted()]);
  });

  it("waits for a replay that is going on, and takes back its events", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    const { replay } = deps.deps;
    let answer: unknown;
    deps.deps.replay = async (record) => {
      const outcomes = await replay(record);
      answer = (await undo(mapping)).body;
      return outcomes;
    };
    await replayed(id);
    expect(answer).toMatchObject({ events: 0, records: 0, isDone: false });
    deps.ingest.now += 2000;
    await runJobs();
    expect([people(), await recordsNow()]).toEqual([[], [id]]);
  });

  it("is one job if it is asked for twice at once", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await replayed(id);
    deps.deps.jobs.store.unfinished = async () => [];
    const [first, second] = await Promise.all([undo(mapping), undo(mapping)]);
    expect([first.status, second.status, second.body.job]).toEqual([200, 200, first.body.job]);
    expect((await ask("GET", `/v1/jobs/${first.body.job}`)).body).toMatchObject({ state: "done" });
    expect([people(), await recordsNow()]).toEqual([[], [id]]);
  });

  it("is done slice by slice by the request that made its job, and by no other", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await replayed(id);
    const { queue } = deps.deps.jobs;
    const alone = vi.spyOn(queue, "alone");
    const { withdraw } = deps.deps.eraser;
    let other: Awaited<ReturnType<typeof undo>> | undefined;
    deps.deps.eraser.withdraw = async (...asked) => {
      const slices = alone.mock.calls.length;
      other = await undo(mapping);
      expect(alone.mock.calls).toHaveLength(slices);
      return withdraw.apply(deps.deps.eraser, asked);
    };
    const { body: answer } = await undo(mapping);
    expect(answer).toEqual(done({ events: 1, records: 1 }));
    expect(other?.body).toMatchObject({ job: answer.job, isDone: false });
    expect(new Set(alone.mock.calls.map(([id]) => id))).toEqual(new Set([answer.job]));
  });

  it("is continued by the queue if a slice of the request fails", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await replayed(id);
    const push = vi.spyOn(deps.deps.jobs.queue, "push");
    vi.spyOn(deps.deps.eraser, "withdraw").mockRejectedValueOnce(new Error("disk full"));
    expect((await undo(mapping)).status).toBe(503);
    expect(push).toHaveBeenCalledOnce();
    await runJobs();
    expect([people(), await recordsNow()]).toEqual([[], [id]]);
  });

  it("removes the mapping by its job, as if the process had ended before", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await replayed(id);
    vi.spyOn(deps.deps.replayed, "beginUndo").mockRejectedValueOnce(new Error("the process has ended"));
    expect((await undo(mapping)).status).toBe(503);
    await runJobs();
    expect((await ask("GET", `/v1/mappings/${mapping}`)).status).toBe(404);
    expect([people(), await recordsNow()]).toEqual([[], [id]]);
  });

  it("is another job after the first was stopped", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await replayed(id);
    const { queue } = deps.deps.jobs;
    const { alone } = queue;
    queue.alone = async (job) => {
      await ask("DELETE", `/v1/jobs/${job}`);
      return false;
    };
    const stopped = await undo(mapping);
    queue.alone = alone;
    const detail = "the job was stopped; ask for it again: finished work is kept";
    expect(stopped).toMatchObject({ status: 409, body: { detail } });
    expect((await undo(mapping)).body).toEqual(done({ events: 1, records: 1 }));
  });

  it("looks at no more events in a slice than its limit", async () => {
    const id = await keep({
      list: Array.from({ length: 1100 }, (_, at) => ({ op: "pass", uid: `${at}`, ts: noon / 1000 })),
    });
    const mapping = await teach({ ...gate, pictures: {}, each: "list" });
    await replayed(id);
    vi.spyOn(deps.deps.jobs.queue, "alone").mockRejectedValueOnce(new Error("the process has ended"));
    await undo(mapping);
    const [{ id: job } = expect.fail()] = await deps.deps.jobs.store.unfinished();
    const withdraw = vi.spyOn(deps.deps.eraser, "withdraw");
    for (let hasMore = true; hasMore; ) {
      hasMore = await runSlice(job, deps.deps, { events: 500, records: 20, bytes: 0 });
      const events = withdraw.mock.calls.reduce((sum, [ids]) => sum + ids.length, 0);
      expect(events).toBeLessThanOrEqual(500);
      withdraw.mockClear();
    }
    expect([people(), await recordsNow()]).toEqual([[], [id]]);
  });

  it("waits for no replay that has begun after it", async () => {
    const id = await keep(body("7"));
    const mapping = await teach();
    await replayed(id);
    const { replayed: notes } = deps.deps;
    await notes.begin("before");
    expect((await undo(mapping)).body).toMatchObject({ events: 0, isDone: false });
    deps.ingest.now += 1000;
    await notes.begin("after");
    await notes.end("before");
    const [{ id: job } = expect.fail()] = await deps.deps.jobs.store.unfinished();
    const began = deps.ingest.now;
    await runJobs();
    expect((await ask("GET", `/v1/jobs/${job}`)).body).toMatchObject({ state: "done", result: { events: 1 } });
    expect(deps.ingest.now - began).toBeLessThan(10_000);
  });

  it("takes back a replay by a process that knows the mapping for a while longer", async () => {
    const [first, late] = [await keep(body("7"), noon + 600), await keep(body("8"))];
    const mapping = await teach();
    await replayed(first);
    const { eraser, mappings } = deps.deps;
    const { withdraw } = eraser;
    const known = (await mappings.get(mapping)) ?? expect.fail();
    eraser.withdraw = async (...asked) => {
      eraser.withdraw = withdraw;
      await mappings.take(known);
      // Its place is before the one that is being undone.
      await replayed(late);
      await mappings.remove(mapping);
      expect(people()).toContain("8");
      return withdraw.apply(eraser, asked);
    };
    expect((await undo(mapping)).body).toEqual(done({ events: 2, records: 2 }));
    expect([people(), (await recordsNow()).toSorted()]).toEqual([[], [first, late].toSorted()]);
  });

  it("names the events that stay because their record is gone", async () => {
    const id = await keep({ list: [body("7"), body("8")] });
    const mapping = await teach({ ...gate, each: "list" });
    await replayed(id);
    await erasePerson(deps.deps.eraser, "7", null);
    const found = { events: 0, records: 0, stay: { gone: 1, joined: 0 } };
    expect(await preview(mapping)).toEqual({ ...found, isExact: true });
    expect((await undo(mapping)).body).toEqual(done(found));
    expect(people()).toEqual(["8"]);
  });
});

it("a job replays several records as one replay for an undo", async () => {
  for (const uid of ["7", "8", "9"]) await keep(body(uid), noon + Number(uid));
  await teach();
  const { replayed: notes } = deps.deps;
  const [begin, end] = [vi.spyOn(notes, "begin"), vi.spyOn(notes, "end")];
  await ask("POST", "/v1/jobs", { kind: "replay" });
  await runJobs();
  expect(people().toSorted()).toEqual(["7", "8", "9"]);
  expect([begin.mock.calls.length, end.mock.calls.length]).toEqual([1, 1]);
});

describe("a process that ends", () => {
  /** Fails a call of these ports by its number, before or after it was done. */
  function failing(at: number, isDone: boolean) {
    let calls = 0;
    const { quarantine, eraser, replayed: notes, mappings } = deps.deps;
    const wrapped = <Port extends object>(port: Port, ...names: (keyof Port & string)[]): Port =>
      new Proxy(port, {
        get(target, name) {
          const member = Reflect.get(target, name);
          if (typeof member !== "function") return member;
          if (!names.some((one) => one === name)) return member.bind(target);
          return async (...asked: unknown[]) => {
            const fails = calls++ === at;
            if (fails && !isDone) throw new Error("the process has ended");
            const answer = await Reflect.apply(member, target, asked);
            if (fails) throw new Error("the process has ended");
            return answer;
          };
        },
      });
    deps.deps.quarantine = wrapped(quarantine, "setAside", "putBack", "put", "remove");
    deps.deps.eraser = wrapped(eraser, "withdraw");
    deps.deps.replayed = wrapped(notes, "note", "undone");
    deps.deps.mappings = wrapped(mappings, "remove");
    return {
      hasStruck: () => calls > at,
      mend: () => Object.assign(deps.deps, { quarantine, eraser, replayed: notes, mappings }),
    };
  }

  it.each([true, false])(
    "loses nothing in a replay or an undo that is repeated (after the step: %s)",
    async (isDone) => {
      for (let at = 0, hasStruck = true; hasStruck; at++) {
        await begin();
        const list = await keep({ list: ["7", "8"].map(body) });
        const one = await keep(body("9"), noon + 600);
        const mapping = await teach();
        const listed = await teach({ ...gate, each: "list" });
        const fault = failing(at, isDone);
        const repeated = async (work: () => Promise<{ status: number }>) => {
          if ((await work()).status >= 500) await work();
        };
        await repeated(() => replayed(list));
        await repeated(() => replayed(one));
        expect(people().toSorted()).toEqual(["7", "8", "9"]);
        await repeated(() => undo(mapping));
        await repeated(() => undo(listed));
        await runJobs();
        hasStruck = fault.hasStruck();
        fault.mend();
        expect([people(), (await recordsNow()).toSorted()]).toEqual([[], [list, one].toSorted()]);
      }
    },
  );
});
