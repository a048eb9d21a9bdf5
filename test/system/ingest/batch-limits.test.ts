import { gzipSync } from "node:zlib";
import { Room } from "@gatepost/core/room";
import { replay } from "@gatepost/receive";
import { describe, expect, it } from "vitest";
import { deliver } from "../../support/ends.ts";
import { history, longText, noon } from "../../support/reports.ts";
import { isLong } from "../../support/seeded.ts";

const long = Array.from({ length: 10_300 }, (_, i) => history({ timestamp: noon + i }));

const list = JSON.stringify(long);
const lines = long.map((report) => JSON.stringify(report)).join("\r\n\n");
const events = JSON.stringify({ pagination: { data: [1] }, events: long, count: "events" });
const twoLists = JSON.stringify({ events: long.slice(0, 10_020), records: [], data: long.slice(10_020) });
const packed = { "content-encoding": "gzip" };

type Form = [name: string, body: string | Buffer, headers: Record<string, string>];

/** Ways to write reports one behind the other, and ways to send them together. */
const forms: Form[] = [
  ["lines in gzip", gzipSync(lines), packed],
  ["two lists in UTF-16", Buffer.from(`\uFEFF${twoLists}`, "utf16le"), {}],
];

/** The ones by themselves. */
const single: Form[] = [
  ["a list behind a byte order mark", `\uFEFF ${list}\n`, {}],
  ["two lists", twoLists, {}],
  ["a list", list, {}],
  ["gzip", gzipSync(list), packed],
  ["lines", lines, {}],
  ["events", events, {}],
  ["UTF-16", Buffer.from(`\uFEFF${list}`, "utf16le"), {}],
];

describe("a batch of more than 10,000 reports", () => {
  it.each([...forms, ...(isLong ? single : [])])("as %s is read completely by a replay", async (_, body, headers) => {
    const { deps } = await deliver(body, { headers });
    expect(deps.reasons()).toEqual(["too-many-reports"]);
    const outcomes = await replay(deps.lastRecord, deps);
    expect(outcomes.filter(({ event }) => event?.outcome === "created")).toHaveLength(10_300);
    expect(outcomes.filter(({ quarantined }) => quarantined !== null)).toEqual([]);
    expect(deps.events()).toHaveLength(10_300);
  });

  it("is left alone after ten thousand reports without any result", async () => {
    const { deps } = await deliver(`[${"{},".repeat(400_000)}{}]`);
    const record = deps.lastRecord;
    const outcomes = await replay(record, deps);
    expect(outcomes).toHaveLength(10_001);
    expect(outcomes.at(-1)?.quarantined).toEqual({ id: record.id, reason: "too-many-reports" });
    expect(deps.reasons()).toEqual(["too-many-reports", "unknown-shape"]);
  });

  it("loses no report beside one that is no JSON or too large", async () => {
    const good = JSON.stringify(long).slice(1, -1);
    const crowded = JSON.stringify({ ...history(), ext_data: `[${"0,".repeat(1_000_000)}0]` });
    const { deps } = await deliver(`[${good},{"torn":},${crowded}]`);
    expect(deps.reasons()).toEqual(["too-many-values"]);
    const outcomes = await replay(deps.lastRecord, deps);
    expect(deps.events()).toHaveLength(10_300);
    expect(outcomes.flatMap(({ quarantined }) => quarantined?.reason ?? [])).toEqual(["not-json", "too-many-values"]);
  });

  it("is kept again if too many of them are no JSON", async () => {
    const good = JSON.stringify(long).slice(1, -1);
    const { deps } = await deliver(`[${good},${'{"torn":},'.repeat(110)}${"[],[],".repeat(500_000)}${good}]`);
    const outcomes = await replay(deps.lastRecord, deps);
    expect(outcomes.at(-1)?.quarantined?.reason).toBe("too-many-reports");
    expect(deps.reasons().filter((reason) => reason === "not-json")).toHaveLength(1);
  });

  it("is kept again if too many of them cannot be read", async () => {
    const { deps } = await deliver([...long, ...Array(101).fill(0)]);
    const outcomes = await replay(deps.lastRecord, deps);
    expect(outcomes.at(-1)?.quarantined?.reason).toBe("too-many-unreadable");
    expect(Buffer.from(deps.lastRecord.body).toString()).toBe("0");
    expect(deps.events()).toHaveLength(10_300);
  });

  it("is kept again if more is packed than a body may have", async () => {
    const { deps } = await deliver("[1");
    const body = gzipSync(`[${"{},".repeat(23_000_000)}{}]`);
    const outcomes = await replay({ ...deps.lastRecord, headers: {}, body }, deps);
    expect(outcomes).toMatchObject([{ event: null, quarantined: { reason: "too-many-values" } }]);
  });

  it("is kept again if it is no JSON to its end", async () => {
    const { deps } = await deliver(JSON.stringify(long).slice(0, -1));
    expect(deps.reasons()).toEqual(["not-json"]);
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

const crowded = (values: number) => ({ ...history(), ext_data: `[${"0,".repeat(values)}0]` });
const reports = (count: number) => long.slice(0, count);
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("a batch that is taken piece by piece", () => {
  it("is kept again if too many of its reports cannot be read", async () => {
    const { deps } = await deliver([...reports(150), ...numbers(101), crowded(1_000_000)]);
    const outcomes = await replay(deps.lastRecord, deps);
    expect(outcomes.at(-1)?.quarantined?.reason).toBe("too-many-unreadable");
    expect(deps.events()).toHaveLength(150);
  });

  it("is kept again, once, if one that is no JSON follows too many kept ones", async () => {
    const { deps } = await deliver("[1");
    const good = JSON.stringify(reports(105)).slice(1, -1);
    const body = Buffer.from(`[{"torn":},${good},${numbers(100).join()},${JSON.stringify(crowded(1_000_000))}]`);
    const outcomes = await replay({ ...deps.lastRecord, headers: {}, body }, deps);
    expect(outcomes.filter(({ event, quarantined }) => event === null && quarantined === null)).toHaveLength(2);
    expect(outcomes.at(-1)?.quarantined?.reason).toBe("too-many-unreadable");
  });
});
