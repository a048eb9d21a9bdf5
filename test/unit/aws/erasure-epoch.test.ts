import { describe, expect, it } from "vitest";
import { ErasureEpoch, propagationMs, skewMs } from "../../../packages/aws/src/pictures/erasure-epoch.ts";

const noon = Date.UTC(2026, 10, 20, 12);

describe("the time of an erasure", () => {
  it("makes stale what was seen before it, by any clock that may differ", () => {
    const epoch = new ErasureEpoch();
    expect(epoch.isStale(0)).toBe(false);
    epoch.learn({ brokenAt: noon });
    expect([noon - 1, noon, noon + skewMs].map((seenAt) => epoch.isStale(seenAt))).toEqual([true, true, true]);
    expect(epoch.isStale(noon + skewMs + 1)).toBe(false);
  });

  it("never goes back", () => {
    const epoch = new ErasureEpoch();
    epoch.learn({ brokenAt: noon });
    epoch.learn({ brokenAt: noon - 60_000 });
    epoch.learn(undefined);
    expect(epoch.isStale(noon)).toBe(true);
  });

  it("is known to every process before a picture is removed: keys are read once a minute, by clocks that differ", () => {
    expect(skewMs).toBeGreaterThanOrEqual(5000);
    expect(propagationMs).toBeGreaterThanOrEqual(60_000 + 2 * skewMs);
  });
});
