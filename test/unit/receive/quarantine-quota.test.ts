import { QuarantineQuota } from "@gatepost/core/quarantine";
import { describe, expect, it } from "vitest";

const warnings: unknown[] = [];
const log = {
  info: () => {},
  warn: (message: string, facts?: unknown) => void warnings.push([message, facts]),
  error: () => {},
};
const quota = new QuarantineQuota(log, { records: 6, bytes: 6000 });

describe("the quarantine quota of a box", () => {
  it.each([
    [{ records: 6, bytes: 6000 }, false],
    [{ records: 7, bytes: 0 }, true],
    [{ records: 1, bytes: 6001 }, true],
  ])("is exceeded by %j: %s", (size, isMore) => {
    expect(quota.isExceeded(size)).toBe(isMore);
  });

  it.each([
    [{ records: 3, bytes: 3000 }, 0],
    [{ records: 4, bytes: 0 }, 1],
    [{ records: 1, bytes: 3001 }, 1],
  ])("warns at %j this many times: %d", (size, times) => {
    warnings.length = 0;
    quota.watch("gate-1", size);
    expect(warnings).toEqual(
      Array.from({ length: times }, () => ["quarantine over half full", { box: "gate-1", ...size }]),
    );
  });

  it("is 1000 records or 256 MB by default", () => {
    const usual = new QuarantineQuota(log);
    expect(usual.isExceeded({ records: 1000, bytes: 256 * 1024 * 1024 })).toBe(false);
    expect(usual.isExceeded({ records: 1001, bytes: 0 })).toBe(true);
    expect(usual.isExceeded({ records: 1, bytes: 256 * 1024 * 1024 + 1 })).toBe(true);
  });
});
