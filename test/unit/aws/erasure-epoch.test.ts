import { describe, expect, it } from "vitest";
import { skewMs } from "../../../packages/aws/src/dynamo/monotonic-clock.ts";
import { ErasureEpoch, epochRow, propagationMs } from "../../../packages/aws/src/pictures/erasure-epoch.ts";

const noon = Date.UTC(2026, 10, 20, 12);

/** A process whose table has a time of the last erasure. */
function processOf(brokenAt: number | null) {
  const held = { brokenAt, now: noon };
  const row = () => (held.brokenAt === null ? [] : ([[epochRow, { brokenAt: held.brokenAt }]] as const));
  const log = { info() {}, warn() {}, error() {} };
  const epoch = new ErasureEpoch({ dynamo: { getAll: async () => new Map(row()) }, log, clock: () => held.now });
  return { held, epoch };
}

describe("the time of an erasure", () => {
  it("makes pictures stale that were seen before it, by any clock", async () => {
    const { epoch } = processOf(noon);
    await epoch.refresh();
    expect([noon - 1, noon, noon + skewMs].map((seenAt) => epoch.isStale(seenAt))).toEqual([true, true, true]);
    expect(epoch.isStale(noon + skewMs + 1)).toBe(false);
  });

  it("makes everything stale before it is read, and nothing without an erasure", async () => {
    const { epoch } = processOf(null);
    expect(epoch.isStale(noon)).toBe(true);
    await epoch.refresh();
    expect(epoch.isStale(0)).toBe(false);
  });

  it("never goes back", async () => {
    const { held, epoch } = processOf(noon);
    await epoch.refresh();
    Object.assign(held, { brokenAt: noon - 60_000, now: noon + 30_000 });
    await epoch.refresh();
    expect(epoch.isStale(noon)).toBe(true);
  });

  it("is known to every process before a picture is removed, despite differing clocks", () => {
    expect(skewMs).toBeGreaterThanOrEqual(5000);
    expect(propagationMs).toBeGreaterThanOrEqual(60_000 + 2 * skewMs);
  });
});
