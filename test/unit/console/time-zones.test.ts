import { expect, it } from "vitest";
import { isZone, suggestedOffset } from "../../../packages/console/src/format/time-zones.ts";

const now = Date.UTC(2026, 10, 27);
const hour = 3_600_000;

it("a zone is known by its name alone", () => {
  expect(["Asia/Shanghai", "UTC", "", "Nowhere/None"].map(isZone)).toEqual([true, true, false, false]);
});

it.each([
  ["UTC", 8 * hour + 20_000, "UTC+08:00"],
  ["Asia/Shanghai", -2.5 * hour, "UTC+05:30"],
  ["Asia/Kolkata", -10.5 * hour, "UTC−05:00"],
  ["Asia/Shanghai", 40_000, null],
  ["Asia/Shanghai", 8 * 60_000, null],
])("times in %s that are %i ms ahead suggest %s", (zone, skew, offset) => {
  expect(suggestedOffset(zone, skew, now)).toBe(offset);
});
