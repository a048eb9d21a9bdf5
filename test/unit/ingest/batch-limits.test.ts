import { gzipSync } from "node:zlib";
import { type QuarantineRecord, Room, replay } from "@gatepost/ingest";
import { describe, expect, it } from "vitest";
import { deliver } from "../../support/ends.ts";
import { success } from "../../support/http.ts";
import { history, longText, noon } from "../../support/reports.ts";
import { turnsOf } from "../../support/turns.ts";

const reports = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => history({ timestamp: noon + from + i }));
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const bodyOf = ({ body }: QuarantineRecord) => Buffer.from(body).toString();

describe("a batch with parts that cannot be understood", () => {
  it("has a hundred of them kept one by one", async () => {
    const { deps } = await deliver([...reports(1), ...numbers(100)]);
    expect(deps.reasons()).toEqual(Array(100).fill("not-an-object"));
    expect(deps.events()).toHaveLength(1);
  });

  it("is kept as a whole where there are more, once, and its good ones still become events", async () => {
    const body = JSON.stringify([...reports(2), ...numbers(9_000), ...reports(1, 2)]);
    const { answer, deps } = await deliver(body);
    expect(answer).toEqual(success);
    expect(deps.reasons()).toEqual([...Array(100).fill("not-an-object"), "too-many-unreadable"]);
    expect(bodyOf(deps.lastRecord)).toBe(body);
    expect(deps.events()).toHaveLength(3);
    expect(deps.lines).toHaveLength(101);
  });

  it("goes with the person of one of its good reports", async () => {
    const { deps } = await deliver([...reports(2), ...numbers(200), history({ identity_id: "4711" })]);
    expect(deps.everything()).toContain("4711");
    expect(await deps.reads.eraser.erasePerson("4711", null)).toBe(1);
    expect(deps.everything()).not.toContain("4711");
    expect(deps.reasons()).toEqual(Array(100).fill("not-an-object"));
  });

  it("of broken pictures keeps their events all the same", async () => {
    const { deps } = await deliver(
      reports(150).map((report) => ({
        ...report,
        ext_data: { recognize_face: "broken", ep_id: "SNO1__192.168.1.60" },
      })),
    );
    expect(deps.events()).toHaveLength(150);
    expect(deps.reasons()).toEqual([...Array(100).fill("picture"), "too-many-unreadable"]);
  });

  it("lets others have their turns, also where nothing of it is stored", async () => {
    const [{ deps }, turns] = await turnsOf(deliver(numbers(9_000)));
    expect(deps.records.size).toBe(101);
    expect(turns).toBeGreaterThan(80);
    const [outcomes, others] = await turnsOf(replay(deps.lastRecord, deps));
    expect(outcomes).toHaveLength(9_001);
    expect(others).toBeGreaterThan(80);
  });

  it("is kept again under the same ids when it is replayed", async () => {
    const { deps } = await deliver([...reports(1), ...numbers(200)]);
    const before = [...deps.records.keys()];
    const outcomes = await replay(deps.lastRecord, deps);
    expect(outcomes.at(-1)).toEqual({ event: null, quarantined: { id: before.at(-1), reason: "too-many-unreadable" } });
    expect([...deps.records.keys()]).toEqual(before);
    expect(deps.events()).toHaveLength(1);
  });
});

// Under measured coverage each report costs much: test/system/ingest has such batches in all forms and sizes.
describe("a batch of more than 10,000 reports", () => {
  const long = reports(10_001);

  it("is kept as one record", async () => {
    const { answer, deps } = await deliver(long);
    expect(answer).toEqual(success);
    expect([deps.reasons(), deps.events()]).toEqual([["too-many-reports"], []]);
  });

  it("of which nothing comes is left alone after the first ten thousand", async () => {
    const { deps } = await deliver(`[${"{},".repeat(10_001)}{}]`);
    const record = deps.lastRecord;
    const outcomes = await replay(record, deps);
    expect(outcomes).toHaveLength(10_001);
    expect(outcomes.at(-1)?.quarantined).toEqual({ id: record.id, reason: "too-many-reports" });
    expect(deps.reasons()).toEqual(["too-many-reports", "unknown-shape"]);
  });

  it("is kept again where it is no JSON to its end", async () => {
    const { deps } = await deliver("[1");
    const { headers: _, ...record } = deps.lastRecord;
    const many = "0,".repeat(1_000_001);
    const bodies = [
      Buffer.from(`[${many}`),
      Buffer.concat([Buffer.from(`[${many}"`), Buffer.from([0xff, 0xff]), Buffer.from('"]')]),
      gzipSync(`[${many}${longText(5_000_000)}]`),
      Buffer.from(`\uFEFF[${many.repeat(2)}"\udc00"]`, "utf16le"),
    ];
    // The packed one is found to be crowded in so little room, and cannot be unpacked in it.
    deps.room = new Room(5_000_000);
    for (const body of bodies) {
      const outcomes = await replay({ ...record, headers: {}, body }, deps);
      expect(outcomes).toMatchObject([{ event: null, quarantined: { reason: "too-many-values" } }]);
    }
  });
});

describe("a batch that is taken piece by piece", () => {
  it("is kept again, once, where one that is no JSON comes when too many were kept already", async () => {
    const { deps } = await deliver("[1");
    const good = JSON.stringify(reports(105)).slice(1, -1);
    const crowded = JSON.stringify({ ...history(), ext_data: `[${"0,".repeat(1_000_000)}0]` });
    const body = Buffer.from(`[{"torn":},${good},${numbers(100).join()},${crowded}]`);
    const outcomes = await replay({ ...deps.lastRecord, headers: {}, body }, deps);
    expect(outcomes.filter(({ event, quarantined }) => event === null && quarantined === null)).toHaveLength(2);
    expect(outcomes.at(-1)?.quarantined?.reason).toBe("too-many-unreadable");
  });
});
