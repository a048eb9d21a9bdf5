import { gzipSync } from "node:zlib";
import { KeyUses, newToken } from "@gatepost/core/keys";
import type { LongBatches } from "@gatepost/core/quarantine";
import { limits } from "@gatepost/protocol";
import { KeyMeters, portsForApi, type ReadAs, readHere, receiver, replay } from "@gatepost/receive";
import { describe, expect, it } from "vitest";
import { replaySlice } from "../../../packages/receive/src/deliver/long-batch.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { boxRequest, bytesOf, type Sent, send, success } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";

const reports = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => history({ timestamp: noon + from + i, score: 0.5 }));

/** Ports that record 100 reports before the answer, and the rest in a job. */
function shortOfValues() {
  const deps = new MemoryPorts();
  const jobs: Parameters<LongBatches["replayLater"]>[0][] = [];
  deps.longBatches = {
    maxValues: 1,
    replayLater: async (record) => void jobs.push(record),
  };
  const token = deps.addKey();
  const post = (body: unknown, recordUntil?: number, headers = {}) =>
    receiver(deps)({
      ...boxRequest({ path: `/${token}/HistoryEvent`, body, headers }),
      ...(recordUntil !== undefined && { recordUntil }),
    });
  return { deps, jobs, post };
}

const bodyIn = ({ lastRecord }: MemoryPorts) => Buffer.from(lastRecord.body).toString();

describe("the rest of a long batch", () => {
  it("is kept as one record, which a job replays", async () => {
    const { deps, jobs, post } = shortOfValues();
    expect(await post(reports(250))).toEqual(success);
    expect([deps.events().length, deps.reasons()]).toEqual([100, ["batch-too-long"]]);
    expect(jobs).toEqual([{ id: deps.lastRecord.id, box: "gate-1" }]);
    const outcomes = await replay(deps.lastRecord, deps);
    expect(outcomes).toHaveLength(150);
    expect(deps.events()).toHaveLength(250);
    expect(deps.reasons()).toEqual(["batch-too-long"]);
  });

  it("is also kept when the time for the answer is over", async () => {
    const { deps, post } = shortOfValues();
    deps.longBatches = { maxValues: Number.POSITIVE_INFINITY, replayLater: async () => undefined };
    await post(reports(150), deps.now + 1);
    expect([deps.events().length, deps.reasons()]).toEqual([150, []]);
    const upsert = deps.index.upsert;
    deps.index.upsert = (entry) => {
      deps.now += 1;
      return upsert(entry);
    };
    await post(reports(250, 1000), deps.now + 100);
    expect([deps.events().length, deps.reasons()]).toEqual([250, ["batch-too-long"]]);
    await replay(deps.lastRecord, deps);
    expect(deps.events()).toHaveLength(400);
  });

  it("is recorded at once if nothing can do it later", async () => {
    const { deps, post } = shortOfValues();
    delete deps.longBatches;
    await post(reports(250), deps.now - 1);
    expect([deps.events().length, deps.reasons()]).toEqual([250, []]);
  });

  it("follows the reports that the batch lists first", async () => {
    const { deps, post } = shortOfValues();
    const face = { recognize_face: photo("face") };
    const [first, repeat] = [history({ score: 0.5 }, face), history({ score: 0.9 }, face)];
    await post([first, ...reports(99, 1), repeat]);
    await replay(deps.lastRecord, deps);
    expect(deps.events().map(({ score }) => score)).toEqual(Array(100).fill(0.5));
  });

  it("contains unreadable lines, and those that are no strict JSON", async () => {
    const { deps, post } = shortOfValues();
    const [, report] = reports(2, 100).map((one) => JSON.stringify(one));
    const lenient = JSON.stringify(history({ timestamp: noon + 100 })).replaceAll('"', "'");
    const first = reports(100).map((one) => JSON.stringify(one));
    await post([...first, "{broken", lenient, report].join("\n"));
    expect(deps.reasons()).toEqual(["batch-too-long"]);
    await replay(deps.lastRecord, deps);
    expect(deps.events()).toHaveLength(102);
    expect(bodyIn(deps)).toContain("{broken");
    expect(deps.reasons()).toHaveLength(2);
  });

  it("contains its pictures", async () => {
    const { deps, post } = shortOfValues();
    const large = Buffer.concat([jpeg("large"), Buffer.alloc(3_000_000)]).toString("base64");
    const last = history({ timestamp: noon + 600 }, { recognize_face: large });
    await post([...reports(100), last]);
    expect([deps.reasons(), deps.storedPictures()]).toEqual([["batch-too-long"], []]);
    await replay(deps.lastRecord, deps);
    expect(deps.storedPictures().map((picture) => picture.toString("base64"))).toEqual([large]);
  });

  it("contains no key", async () => {
    const { deps, post } = shortOfValues();
    const key = newToken("admin");
    const escaped = JSON.stringify(Buffer.from(JSON.stringify({ ...history(), note: key })).toString("base64"));
    await post(`[${JSON.stringify(reports(100)).slice(1, -1)},{"note":"${key}"},${escaped}]`);
    expect(deps.everything()).not.toContain(key);
    expect(bodyIn(deps)).not.toContain(Buffer.from(key).toString("base64").slice(4, -4));
  });

  it("leaves out erased passings", async () => {
    const { deps, jobs, post } = shortOfValues();
    await post(history({ identity_id: "4711" }));
    await erasePerson(deps.reads.eraser, "4711", "gate-1");
    const erased = history({ identity_id: "4711" });
    await post([...reports(100), erased, {}, ...reports(1, 100)]);
    expect(bodyIn(deps)).not.toContain("4711");
    await replay(deps.lastRecord, deps);
    expect(deps.events()).toHaveLength(101);
    expect(jobs).toHaveLength(1);
    await post([...reports(100), erased]);
    expect(jobs).toHaveLength(1);
  });

  it("is refused with 503 if too many of the box wait", async () => {
    const { deps, jobs, post } = shortOfValues();
    for (let n = 0; n < limits.waitingBatchesOfBox; n++) await post(reports(101, n * 1000));
    expect(await post(reports(101, 900_000))).toMatchObject({ status: 503, headers: { "retry-after": "60" } });
    expect(jobs).toHaveLength(limits.waitingBatchesOfBox);
    expect(await post(reports(101))).toEqual(success);
    for (const record of [...deps.records.values()]) await deps.reads.quarantine.remove(record.id);
    expect(await post(reports(101, 900_000))).toEqual(success);
  });
});

const attlog = (count: number) =>
  Array.from({ length: count }, (_, n) => `${n}\t2026-11-24 08:01:${10 + n}\t0\t15\n`).join("");
const terminal = { path: "/iclock/cdata", query: "SN=SIM1&table=ATTLOG" };
const badLines = "x\n".repeat(10_000);
const sent = (body: unknown, how: Sent = {}): Sent => ({ path: "/HistoryEvent", body, ...how });
const form = (name: string, text: string) =>
  sent(new URLSearchParams({ dev_sno: "SNO1", [name]: text }).toString(), {
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });

/** A body in quarantine as it is kept for a job, and the slices of that job. */
async function kept({ path = "", query = "", body, headers = {} }: Sent) {
  const deps = new MemoryPorts();
  deps.zones.of = async () => "Asia/Shanghai";
  const { segments } = boxRequest({ path, query });
  const head = { box: "gate-1", path: `/${segments.join("/")}`, headers, event: null, receivedAt: deps.now };
  const record = { ...head, id: "qrt_batch", reason: "batch-too-long", body: bytesOf(body) };
  let progress: unknown = null;
  const slice = async (limits: Parameters<typeof replaySlice>[3] = {}) => {
    const done = await replaySlice(record, progress, deps, limits);
    progress = JSON.parse(JSON.stringify(done.progress));
    return done;
  };
  const all = async (reports: number) => {
    const taken: number[] = [];
    do taken.push((await slice({ reports })).taken);
    while (progress !== null);
    return taken;
  };
  const bodies = () => [...deps.records.values()].map((one) => Buffer.from(one.body).toString());
  return { deps, record, slice, all, bodies, isOver: () => progress === null };
}

describe("a batch of more than 10,000 reports", () => {
  const token = newToken("ingest");
  it.each([
    ["the lines of a terminal", { ...terminal, body: attlog(1).repeat(10_001) }, "OK: 10001"],
    ["values in a list", sent(`[${"0,".repeat(10_000)}0]`), success.body],
    ["lines in a form", form("data", `${JSON.stringify(history())}\n`.repeat(10_001)), success.body],
  ])("waits for a job as %s", async (_, { path = "", ...others }: Sent, answer) => {
    const { deps, jobs } = shortOfValues();
    const rate = { perSecond: 1, burst: 2 };
    const limited = { id: "key_1", rate, dailyBytes: 1_000_000 };
    deps.keys.find = async () => ({ ...limited, scope: "ingest", box: "gate-1" });
    expect((await send(deps, { path: `/${token}${path}`, ...others })).body).toBe(answer);
    expect([deps.reasons(), deps.events()]).toEqual([["batch-too-long"], []]);
    expect(jobs).toEqual([{ id: deps.lastRecord.id, box: "gate-1", key: limited }]);
  });

  const list = (count: number) => JSON.stringify(reports(count));
  const lines = (count: number, between: string) => list(count).slice(1, -1).replaceAll("},{", `}${between}{`);
  it.each([
    ["a list", sent(list(12))],
    ["a list of a known name", sent(`{"dev_sno":"SNO1","events":${list(12)}}`)],
    ["two lists", sent({ data: reports(4), dev_sno: "SNO1", records: reports(8, 4) })],
    ["a nested list", sent({ dev_sno: "SNO1", result: { list: reports(12) } })],
    ["lines", sent(lines(12, "\n"))],
    ["values one after the other", sent(lines(12, ","))],
    ["a list in a form", form("events", list(12))],
    ["lines in a form", form("data", lines(12, "\n"))],
    ["a text", sent(JSON.stringify(list(12)))],
    ["nearly JSON", sent(`{events: ${list(12).replaceAll('"', "'")}}`)],
    ["gzip of UTF-16", sent(gzipSync(Buffer.from(`\uFEFF${list(12)}`, "utf16le")))],
    ["the lines of a terminal", { ...terminal, body: attlog(12) }],
    ["lines of GB 2312", { ...terminal, body: Buffer.concat([Buffer.from(attlog(12)), Buffer.from([0xd5, 0xc5])]) }],
  ])("is recorded completely, slice by slice, as %s", async (name, body) => {
    const { deps, record, all } = await kept(body);
    const of = name === "lines of GB 2312" ? 13 : 12;
    expect(await all(5)).toEqual([5, 5, of - 10]);
    expect(deps.events()).toHaveLength(12);
    expect(deps.records.has(record.id)).toBe(false);
    if (String(body.body).includes("SNO1")) expect(deps.events().every(({ box }) => box.serial === "SNO1")).toBe(true);
  });

  it.each([
    ["a list", sent([...reports(12), { note: "x".repeat(300_000) }]), ["bytes"]],
    ["a nested list", sent({ of: { list: reports(12) }, note: "x".repeat(300_000) }), ["bytes", "many"]],
    ["a short list", sent(list(12)), []],
  ])("is read apart from live reports, and recorded with pauses, as %s", async (_, body, expected) => {
    const { deps, slice, isOver } = await kept(body);
    const opened: ReadAs[] = [];
    deps.largeBodies = {
      open(large, origin, { held, as }) {
        if (as !== "reports") opened.push(as);
        return readHere(large, origin, {
          held,
          as,
          settings: deps.settings,
          zone: async () => null,
          mappings: async () => [],
        });
      },
    };
    if (expected.length === 2) deps.arrivals.note("gate-1", { path: [], bytes: 1, address: "" }, []);
    await slice();
    expect([opened, isOver(), deps.events().length]).toEqual([expected, true, 12]);
  });

  it("has all of its reports recorded beside one that is no JSON", async () => {
    const { deps, slice } = await kept(
      sent(`[${list(6).slice(1, -1)},{"torn":},${JSON.stringify(reports(6, 6)).slice(1, -1)}]`),
    );
    expect(await slice()).toMatchObject({ taken: 13 });
    expect([deps.events().length, deps.reasons()]).toEqual([12, ["not-json"]]);
  });

  it("is counted as a whole, also after a slice was repeated", async () => {
    const { deps, record, slice } = await kept(sent(list(12)));
    const first = await slice({ reports: 5 });
    expect(first).toMatchObject({ taken: 5, of: 12 });
    const second = await replaySlice(record, first.progress, deps, { reports: 5 });
    expect(await slice({ reports: 5 })).toMatchObject({ taken: 5, of: 12, progress: second.progress });
    expect(deps.events()).toHaveLength(10);
  });

  it("has the reports before a failure counted, and the others tried again", async () => {
    const { deps, slice, isOver } = await kept(sent(list(12)));
    const { upsert } = deps.index;
    let writes = 0;
    deps.index.upsert = (entry) => {
      writes += 1;
      return writes === 4 || writes === 5 ? Promise.reject(new Error("throttled")) : upsert(entry);
    };
    expect(await slice({ reports: 10 })).toMatchObject({ taken: 3, of: 12 });
    await expect(slice()).rejects.toThrow("throttled");
    await slice();
    expect([isOver(), deps.events().length]).toEqual([true, 12]);
  });

  it("has a slice end when it has lasted long enough", async () => {
    const { deps, slice } = await kept(sent(list(12)));
    const { upsert } = deps.index;
    deps.index.upsert = (entry) => {
      deps.now += 10_000;
      return upsert(entry);
    };
    expect(await slice({ reports: 10 })).toMatchObject({ taken: 1, of: 12 });
  });

  it("waits for a person if it is longer than may be replayed", async () => {
    const { deps, record, slice } = await kept(sent(list(12)));
    const { outcomes, progress } = await slice({ ofBatch: 11 });
    expect([outcomes.length, progress, deps.events()]).toEqual([1, null, []]);
    expect(deps.reasons()).toEqual(["too-many-reports"]);
    expect(Buffer.from(deps.lastRecord.body)).toEqual(record.body);
  });

  it("is kept for its reason if it is no batch", async () => {
    const { deps, slice } = await kept(sent(`{"a":[${"0,".repeat(1_000_001)}0]}`));
    expect(await slice()).toMatchObject({ taken: 0, of: 0, progress: null });
    expect(deps.reasons()).toEqual(["too-many-values"]);
  });

  it("is kept if it cannot be read any more", async () => {
    const { deps, record, slice } = await kept(sent(list(12)));
    await slice({ reports: 5 });
    record.body = Buffer.from("");
    expect(await slice()).toMatchObject({ taken: 0, progress: null });
    expect(deps.reasons()).toEqual(["too-many-reports"]);
  });

  it("leaves the parts of each slice that are not understood beyond a hundred", async () => {
    const bad = Array.from({ length: 130 }, (_, n) => n);
    const { deps, all, bodies } = await kept(sent([...bad.slice(0, 120), ...reports(2), ...bad.slice(120)]));
    await all(120);
    expect(deps.reasons().filter((reason) => reason === "not-an-object")).toHaveLength(100);
    expect(deps.reasons().slice(100)).toEqual(["too-many-unreadable", "too-many-unreadable"]);
    expect(bodies().slice(100)).toEqual([bad.slice(100, 120).join("\n"), bad.slice(120).join("\n")]);
    await erasePerson(deps.reads.eraser, "888001", null);
    expect(deps.reasons().slice(100)).toEqual(["too-many-unreadable"]);
  });

  it("records nothing of a person who is erased in the middle", async () => {
    const { deps, slice, isOver } = await kept(sent([...reports(5), ...reports(5, 5)]));
    await slice({ reports: 5 });
    await erasePerson(deps.reads.eraser, "888001", null);
    await slice();
    expect([deps.events(), deps.reasons(), isOver()]).toEqual([[], [], true]);
  });

  const [one, two] = ["one", "two"].map((word) => JSON.stringify(word.repeat(50)));
  const withTwice = `{"result":{"list":${list(4)}},"note":${one},"note":${two}}`;
  it("is kept as a whole if a member was dropped, and goes with its persons", async () => {
    const { deps, record, all } = await kept(sent(withTwice));
    await all(2);
    expect(deps.events()).toHaveLength(4);
    expect(deps.reasons()).toEqual(["duplicate-keys"]);
    expect(Buffer.from(deps.lastRecord.body)).toEqual(record.body);
    await erasePerson(deps.reads.eraser, "888001", null);
    expect(deps.reasons()).toEqual([]);
  });

  it("is not kept as a whole if something of it was erased", async () => {
    const { deps, all } = await kept(sent(withTwice));
    await erasePerson(deps.reads.eraser, "888001", null);
    await all(2);
    expect(deps.reasons()).toEqual([]);
  });
});

describe("a long batch whose reports mostly give no event", () => {
  const bad = Array(10_001).fill(0);

  it("is kept as a whole after its first ten thousand reports", async () => {
    const { deps, record, slice } = await kept(sent([...reports(5), ...bad]));
    expect(await slice()).toMatchObject({ taken: 10_000, of: 10_006, progress: null });
    expect(deps.reasons().filter((reason) => reason === "too-many-reports")).toHaveLength(1);
    expect(Buffer.from(deps.lastRecord.body)).toEqual(record.body);
    await erasePerson(deps.reads.eraser, "888001", null);
    expect(deps.reasons()).not.toContain("too-many-reports");
  });

  it("is kept without its erased reports", async () => {
    const { deps, slice, bodies } = await kept(sent([...reports(5), ...bad]));
    await erasePerson(deps.reads.eraser, "888001", null);
    await slice();
    expect(deps.reasons()).toContain("too-many-reports");
    expect(bodies().join("")).not.toContain("888001");
  });

  it.each([
    ["two lists", sent({ data: [...reports(5), ...bad], records: bad.slice(0, 3) }), '{"data":[],"records":[0,0,0]}'],
    ["a form", form("events", JSON.stringify([...reports(5), ...bad])), `"events":[0]}]`],
    ["the lines of a terminal", { ...terminal, body: `${attlog(5)}${badLines}y\n` }, "y"],
  ])("is kept from where it is, as %s", async (_, body, end) => {
    const { deps, slice, bodies } = await kept(body);
    await slice({ reports: 5 });
    expect(deps.events()).toHaveLength(5);
    expect((await slice()).progress).toBeNull();
    expect(deps.reasons().at(-1)).toBe("too-many-reports");
    expect(bodies().at(-1)?.trimEnd().slice(-end.length)).toBe(end);
    expect(bodies().join("")).not.toContain("888001");
  });

  it("is recorded to its end if they are notices", async () => {
    const users = {
      path: "/iclock/cdata",
      query: "SN=SIM1&table=OPERLOG",
      body: "USER PIN=1\tName=x\n".repeat(10_001),
    };
    const { deps, all } = await kept(users);
    expect(await all(10_000)).toEqual([10_000, 1]);
    expect(deps.reasons()).toEqual([]);
  });
});

describe("the rate of a key", () => {
  const rate = { perSecond: 1, burst: 10 };
  const key = { id: "key_1", rate };

  it("limits the replay of a long batch, and leaves half to live reports", async () => {
    const { deps, record } = await kept(sent(JSON.stringify(reports(12))));
    const usage = new KeyUses(deps.items);
    deps.keyMeters = new KeyMeters({ usage, log: deps.log, clock: deps.clock });
    const { replayBatch } = portsForApi(deps);
    const first = await replayBatch(record, { progress: null, key });
    expect(first).toMatchObject({ taken: 5 });
    const progress = "progress" in first ? first.progress : null;
    expect(await replayBatch(record, { progress, key })).toEqual({ pauseMs: 5000 });
    const meter = await deps.keyMeters.of(key);
    for (let n = 0; n < 5; n++) meter?.admit();
    expect(() => meter?.admit()).toThrow("this key may deliver");
    const unlimited = await deps.keyMeters.of({ id: "key_2", dailyBytes: 5 });
    expect(unlimited?.spare).toEqual({ reports: Number.POSITIVE_INFINITY, pauseMs: 0 });
    deps.now += 8000;
    expect(await replayBatch(record, { progress, key })).toMatchObject({ taken: 3 });
  });

  it("does not limit it without meters, nor if there is no rate", async () => {
    const { deps, record } = await kept(sent(JSON.stringify(reports(12))));
    expect(await portsForApi(deps).replayBatch(record, { progress: null, key })).toMatchObject({ taken: 12 });
    expect(await portsForApi(deps).replayBatch(record, { progress: null, key: undefined })).toMatchObject({
      taken: 12,
    });
  });
});
