import { gzipSync } from "node:zlib";
import { type QuarantineRecord, replay } from "@gatepost/ingest";
import { describe, expect, it } from "vitest";
import { deliver } from "../../support/ends.ts";
import { success } from "../../support/http.ts";
import type { MemoryPorts } from "../../support/memory-ports.ts";
import { history, noon } from "../../support/reports.ts";

const reports = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => history({ timestamp: noon + from + i }));
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const lastOf = (deps: MemoryPorts): QuarantineRecord => {
  const record = [...deps.records.values()].at(-1);
  if (record === undefined) throw new Error("nothing was kept");
  return record;
};
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
    expect(bodyOf(lastOf(deps))).toBe(body);
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

  it("is kept again under the same ids when it is replayed", async () => {
    const { deps } = await deliver([...reports(1), ...numbers(200)]);
    const before = [...deps.records.keys()];
    const outcomes = await replay(lastOf(deps), deps);
    expect(outcomes.at(-1)).toEqual({ event: null, quarantined: { id: before.at(-1), reason: "too-many-unreadable" } });
    expect([...deps.records.keys()]).toEqual(before);
    expect(deps.events()).toHaveLength(1);
  });
});

describe("a batch of more than 10,000 reports", () => {
  const long = reports(10_300);

  it("is kept as one record", async () => {
    const { answer, deps } = await deliver(long);
    expect(answer).toEqual(success);
    expect([deps.reasons(), deps.events()]).toEqual([["too-many-reports"], []]);
  });

  it.each([
    ["a list", JSON.stringify(long), {}],
    ["a list behind a byte order mark", `\uFEFF ${JSON.stringify(long)}\n`, {}],
    ["events", JSON.stringify({ pagination: { data: [1] }, events: long, count: "events" }), {}],
    ["two lists", JSON.stringify({ events: long.slice(0, 10_020), records: [], data: long.slice(10_020) }), {}],
    ["lines", long.map((report) => JSON.stringify(report)).join("\r\n\n"), {}],
    ["gzip", gzipSync(JSON.stringify(long)), { "content-encoding": "gzip" }],
    ["UTF-16", Buffer.from(`\uFEFF${JSON.stringify(long)}`, "utf16le"), {}],
  ])("as %s is taken whole by a replay", async (_, body, headers) => {
    const { deps } = await deliver(body, { headers });
    expect(deps.reasons()).toEqual(["too-many-reports"]);
    const outcomes = await replay(lastOf(deps), deps);
    expect(outcomes.filter(({ event }) => event?.outcome === "created")).toHaveLength(10_300);
    expect(outcomes.filter(({ quarantined }) => quarantined !== null)).toEqual([]);
    expect(deps.events()).toHaveLength(10_300);
  });

  it("of which nothing comes is left alone after the first ten thousand", async () => {
    const { deps } = await deliver(`[${"{},".repeat(400_000)}{}]`);
    const record = lastOf(deps);
    const outcomes = await replay(record, deps);
    expect(outcomes).toHaveLength(10_001);
    expect(outcomes.at(-1)?.quarantined).toEqual({ id: record.id, reason: "too-many-reports" });
    expect(deps.reasons()).toEqual(["too-many-reports", "unknown-shape"]);
  });

  it("loses none for one that is no JSON, or has a million values by itself", async () => {
    const good = JSON.stringify(long).slice(1, -1);
    const crowded = JSON.stringify({ ...history(), ext_data: `[${"0,".repeat(1_000_000)}0]` });
    const { deps } = await deliver(`[${good},{"torn":},${crowded}]`);
    expect(deps.reasons()).toEqual(["too-many-values"]);
    const outcomes = await replay(lastOf(deps), deps);
    expect(deps.events()).toHaveLength(10_300);
    expect(outcomes.flatMap(({ quarantined }) => quarantined?.reason ?? [])).toEqual(["not-json", "too-many-values"]);
  });

  it("is kept again where too many of them are no JSON", async () => {
    const good = JSON.stringify(long).slice(1, -1);
    const { deps } = await deliver(`[${good},${'{"torn":},'.repeat(110)}${"[],[],".repeat(500_000)}${good}]`);
    const { id } = lastOf(deps);
    const outcomes = await replay(lastOf(deps), deps);
    expect(outcomes.at(-1)?.quarantined).toEqual({ id, reason: "too-many-reports" });
    expect(deps.reasons().filter((reason) => reason === "not-json")).toHaveLength(1);
  });

  it("is kept again where too many of them cannot be read", async () => {
    const { deps } = await deliver([...long, ...numbers(101)]);
    const { id } = lastOf(deps);
    const outcomes = await replay(lastOf(deps), deps);
    expect(outcomes.at(-1)?.quarantined).toEqual({ id, reason: "too-many-unreadable" });
    expect(deps.events()).toHaveLength(10_300);
  });

  it("is kept again where it is no JSON to its end", async () => {
    const { deps } = await deliver(JSON.stringify(long).slice(0, -1));
    expect(deps.reasons()).toEqual(["not-json"]);
    const { headers: _, ...record } = lastOf(deps);
    const bodies = [
      Buffer.from(`[${"{},".repeat(2_000_000)}`),
      Buffer.concat([Buffer.from(`[${"{},".repeat(2_000_000)}"`), Buffer.from([0xff, 0xff]), Buffer.from('"]')]),
      gzipSync(`[${"{},".repeat(23_000_000)}{}]`),
    ];
    for (const body of bodies) {
      const outcomes = await replay({ ...record, headers: {}, body }, deps);
      expect(outcomes).toMatchObject([{ event: null, quarantined: { reason: "too-many-values" } }]);
    }
  });
});
