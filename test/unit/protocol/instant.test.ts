import { instant } from "@gatepost/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";

it("equals Date's text for any time that a Date can represent", () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      expect(instant(date.getTime())).toBe(date.toISOString());
    }),
  );
});

it("equals Date's text at edges of days, hours, minutes and seconds, before 1970 too", () => {
  for (const day of [0, -1, Date.UTC(2024, 1, 29), Date.UTC(1969, 11, 31), Date.UTC(2026, 11, 31)]) {
    for (const ms of [0, 999, 1000, 59_999, 60_000, 3_599_999, 3_600_000, 86_399_999, 86_400_000]) {
      expect(instant(day + ms)).toBe(new Date(day + ms).toISOString());
    }
  }
});

it("is the same on the thousandth day as on the first", () => {
  const times = Array.from({ length: 1000 }, (_, day) => Date.UTC(2015, 0, 1 + day, 12, 34, 56, 789));
  for (const time of [...times, ...times]) expect(instant(time)).toBe(new Date(time).toISOString());
});

it("drops fractions of a millisecond, as Date does", () => {
  expect(instant(1.9)).toBe("1970-01-01T00:00:00.001Z");
  expect(instant(-1.9)).toBe("1969-12-31T23:59:59.999Z");
});

it("refuses an invalid time, as Date does", () => {
  expect(() => instant(Number.NaN)).toThrow(RangeError);
  expect(() => instant(8.64e15 + 86_400_000)).toThrow(RangeError);
});
