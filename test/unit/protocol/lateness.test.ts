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
  it.each<
    [string, ReportKind, receivedAfter: number, announcedAfter: number, lateness: [number | null, string | null]]
  >([
    ["in time", "history", 200, 412, [412, null]],
    ["because the box sent it late", "history", 3_600_000, 3_600_100, [3_600_100, "history"]],
    ["because it waited in Gatepost", "realtime", 200, 2 * minute, [2 * minute, "outage"]],
    ["because it was read from the memory of a box", "backfill", 200, 2 * minute, [2 * minute, "backfill"]],
    ["in the future", "history", -minute, -minute, [null, null]],
    ["in the future, from the memory of a box", "backfill", -minute, -minute, [null, "backfill"]],
  ])("%s", (_, kind, receivedAfter, announcedAfter, [age_ms, late_reason]) => {
    const late = age_ms === null || age_ms > minute;
    const lateness = latenessOf(passing, reported(kind, noon + receivedAfter), noon + announcedAfter);
    expect(lateness).toEqual({ age_ms, late, late_reason });
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
