import { describe, expect, it } from "vitest";
import { isClockSet, isUsableTime, milliseconds, monthOf } from "../../../packages/protocol/src/moment.ts";

describe("a time as boxes send it", () => {
  it.each([
    ["seconds", 1565771454, 1565771454000],
    ["float seconds", 1602612036.3828533, 1602612036383],
    ["milliseconds", 1565771454932, 1565771454932],
    ["microseconds", 1565771454932500, 1565771454933],
    ["seconds as text", "1565771454", 1565771454000],
    ["float seconds as text", "1602612036.3828533", 1602612036383],
    ["milliseconds as text", "1565771454932", 1565771454932],
    ["microseconds as text", "1565771454932000", 1565771454932],
    ["text among blanks", " 1565771454932 ", 1565771454932],
    ["zero", 0, 0],
    ["zero as text", "0", 0],
    ["less than nothing of a second", -5e-324, 0],
    ["minus zero as text", "-0", 0],
    ["a time before 1970", -86400, -86400000],
    ["the last second of its magnitude", 99999999999, 99999999999000],
    ["the first millisecond of its magnitude", 100000000000, 100000000000],
    ["the first microsecond of its magnitude", 100000000000000, 100000000000],
  ])("is read from %s", (_, sent, read) => {
    expect(milliseconds(sent)).toBe(read);
  });

  it.each([
    ["a word", "yesterday"],
    ["an empty text", ""],
    ["blanks", "  "],
    ["null", null],
    ["nothing", undefined],
    ["a boolean", true],
    ["a list", [1565771454932]],
    ["an object", {}],
    ["a number too large for any unit", 1e17],
    ["the text Infinity", "Infinity"],
    ["not a number", Number.NaN],
  ])("is none where it is %s", (_, sent) => {
    expect(milliseconds(sent)).toBeNull();
  });
});

describe("a sent time", () => {
  const receivedAt = Date.UTC(2026, 2, 1);
  const day = 86_400_000;

  it("shows that the clock was set from 2015 on", () => {
    expect(isClockSet(Date.UTC(2015, 0, 1))).toBe(true);
    expect(isClockSet(Date.UTC(2015, 0, 1) - 1)).toBe(false);
  });

  it("is usable up to a day ahead of its receipt", () => {
    expect(isUsableTime(receivedAt + day, receivedAt)).toBe(true);
    expect(isUsableTime(receivedAt + day + 1, receivedAt)).toBe(false);
  });

  it("is usable however late it comes in", () => {
    expect(isUsableTime(Date.UTC(2016, 0, 1), receivedAt)).toBe(true);
  });

  it("is not usable before 2015, nor where it is missing", () => {
    expect(isUsableTime(Date.UTC(2014, 11, 31), receivedAt)).toBe(false);
    expect(isUsableTime(undefined, receivedAt)).toBe(false);
  });
});

it("names the month of a time in UTC", () => {
  expect(monthOf(Date.UTC(2026, 10, 30, 23, 59))).toBe("2026-11");
});
