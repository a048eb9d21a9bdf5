import { AuthRateLimiter } from "@gatepost/core/keys";
import { describe, expect, it } from "vitest";

/** How often an address may fail until it is refused for too many tries. */
function failuresUntilRefused(attempts: AuthRateLimiter, address: string): number {
  for (let failures = 1; failures <= 1_000; failures++) {
    try {
      attempts.fail(address);
    } catch {
      return failures;
    }
  }
  return Number.POSITIVE_INFINITY;
}

describe("an address that fails", () => {
  it("is refused at its 31st failure within a minute", () => {
    expect(failuresUntilRefused(new AuthRateLimiter(() => 0), "a")).toBe(31);
  });

  it("is told how long to wait", () => {
    let now = 0;
    const attempts = new AuthRateLimiter(() => now);
    failuresUntilRefused(attempts, "a");
    now = 15_500;
    expect(() => attempts.fail("a")).toThrow(expect.objectContaining({ kind: "too-many", retryAfter: 45 }));
  });

  it.each([60_000, -86_400_000])("is unblocked after the minute, by a clock that says %d ms", (later) => {
    let now = 0;
    const attempts = new AuthRateLimiter(() => now);
    failuresUntilRefused(attempts, "a");
    now = later;
    expect(failuresUntilRefused(attempts, "a")).toBe(31);
  });

  it("is unblocked after the clock was set back, so that no client waits for hours", () => {
    let now = 8 * 3_600_000;
    const attempts = new AuthRateLimiter(() => now);
    failuresUntilRefused(attempts, "a");
    now = 0;
    expect(failuresUntilRefused(attempts, "a")).toBe(31);
    expect(() => attempts.fail("a")).toThrow(expect.objectContaining({ retryAfter: 60 }));
  });

  it("does not affect another address", () => {
    const attempts = new AuthRateLimiter(() => 0);
    failuresUntilRefused(attempts, "a");
    expect(failuresUntilRefused(attempts, "b")).toBe(31);
  });

  it("is forgotten after ten thousand others, so that memory is bounded", () => {
    const attempts = new AuthRateLimiter(() => 0);
    failuresUntilRefused(attempts, "a");
    for (let other = 0; other < 10_000; other++) attempts.fail(`other ${other}`);
    expect(failuresUntilRefused(attempts, "a")).toBe(31);
  });

  it("is remembered while its failures continue", () => {
    const attempts = new AuthRateLimiter(() => 0);
    failuresUntilRefused(attempts, "a");
    for (let other = 0; other < 9_999; other++) attempts.fail(`other ${other}`);
    expect(() => attempts.fail("a")).toThrow("too many failed keys");
  });
});
