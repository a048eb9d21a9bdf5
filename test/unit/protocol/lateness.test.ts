import { ageOf, isLate, latenessOf, type Report, type ReportKind } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";

const noon = Date.UTC(2026, 10, 20, 12);
const minute = 60_000;
const passing = { timestamp: noon, flags: [] };
const reported = (kind: ReportKind, receivedAt: number): Report => ({ kind, dialect: "history-nested", receivedAt });

describe("the age of a passing", () => {
  it.each([
    ["just now", noon, 0],
    ["a while ago", noon + 412, 412],
    ["by a clock that is a little ahead", noon - 5000, 0],
    ["in the future", noon - 5001, null],
  ])("%s", (_, now, age) => {
    expect(ageOf(passing, now)).toBe(age);
  });

  it("is unknown if its time is unknown", () => {
    expect(ageOf({ timestamp: noon, flags: ["clock"] }, noon)).toBeNull();
  });

  it("is late after a minute, or if it is unknown", () => {
    expect([0, minute, minute + 1, null].map(isLate)).toEqual([false, false, true, true]);
  });
});

describe("the lateness of an announcement", () => {
  it.each([
    ["in time", reported("history", noon + 200), noon + 412, { age_ms: 412, late: false, late_reason: null }],
    [
      "because the box sent it late",
      reported("history", noon + 3_600_000),
      noon + 3_600_100,
      { age_ms: 3_600_100, late: true, late_reason: "history" },
    ],
    [
      "because it waited in Gatepost",
      reported("realtime", noon + 200),
      noon + 2 * minute,
      { age_ms: 2 * minute, late: true, late_reason: "outage" },
    ],
    [
      "because it was read from the memory of a box",
      reported("backfill", noon + 200),
      noon + 2 * minute,
      { age_ms: 2 * minute, late: true, late_reason: "backfill" },
    ],
    [
      "in the future",
      reported("history", noon - minute),
      noon - minute,
      { age_ms: null, late: true, late_reason: null },
    ],
    [
      "in the future, from the memory of a box",
      reported("backfill", noon - minute),
      noon - minute,
      { age_ms: null, late: true, late_reason: "backfill" },
    ],
  ])("%s", (_, report, now, lateness) => {
    expect(latenessOf(passing, report, now)).toEqual(lateness);
  });

  it("is true without a reason if the time of the passing is unknown", () => {
    const unknown = { timestamp: noon, flags: ["clock"] };
    expect(latenessOf(unknown, reported("history", noon), noon)).toEqual({
      age_ms: null,
      late: true,
      late_reason: null,
    });
  });
});
