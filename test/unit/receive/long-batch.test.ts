import { newToken } from "@gatepost/core/keys";
import type { LongBatches } from "@gatepost/core/quarantine";
import { limits } from "@gatepost/protocol";
import { receiver, replay } from "@gatepost/receive";
import { describe, expect, it } from "vitest";
import { boxRequest, success } from "../../support/http.ts";
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
    await deps.reads.eraser.erasePerson("4711", "gate-1");
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
