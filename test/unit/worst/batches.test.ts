import { gzipSync } from "node:zlib";
import { Room, replay } from "@gatepost/ingest";
import { describe, expect, it } from "vitest";
import { deliver } from "../../support/ends.ts";
import { history, longText, noon } from "../../support/reports.ts";

const reports = (count: number) => Array.from({ length: count }, (_, i) => history({ timestamp: noon + i }));
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("a batch of more than 10,000 reports", () => {
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
