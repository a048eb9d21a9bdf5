import { describe, expect, it } from "vitest";
import { isClockSet, isUsableTime, milliseconds, monthOf } from "../../../packages/protocol/src/instant.ts";

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
    ["seconds with a comma fraction", "1602612036,3828533", 1602612036383],
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
  ])("is null if it is %s", (_, sent) => {
    expect(milliseconds(sent)).toBeNull();
  });
});

describe("an ISO 8601 time", () => {
  const noon = Date.UTC(2026, 2, 1, 12);

  it.each([
    ["in UTC", "2026-03-01T12:00:00Z"],
    ["in a zone", "2026-03-01T20:00:00+08:00"],
    ["in a zone west of UTC", "2026-03-01T08:30:00-03:30"],
    ["in a zone whose hour has one digit", "2026-03-01T06:00:00-6:00"],
    ["in a zone whose hour has one digit and no separator", "2026-03-01T06:00:00-600"],
    ["in a zone of one digit", "2026-03-01T20:00:00+8"],
    ["with a comma fraction, in a zone whose hour has one digit", "2026-03-01T06:00:00,000-6:00"],
    ["in a zone without its colon", "2026-03-01T20:00:00+0800"],
    ["in a zone of hours alone", "2026-03-01T20:00:00+08"],
    ["whose plus became a blank in a form", "2026-03-01T20:00:00 08:00"],
    ["with a blank for its T, as Python prints it", "2026-03-01 12:00:00+00:00"],
    ["with a blank before its zone", "2026-03-01 12:00:00 +0000"],
    ["without seconds", "2026-03-01T12:00Z"],
    ["without separators", "20260301T120000Z"],
    ["in lower case", "2026-03-01t12:00:00z"],
    ["among blanks", " 2026-03-01T12:00:00Z\n"],
    ["whose last minute has a second more", "2026-03-01T11:59:60Z"],
  ])("%s is read", (_, sent) => {
    expect(milliseconds(sent)).toBe(noon);
  });

  it.each([
    ["2026-03-01T12:00:00.25Z", noon + 250],
    ["2026-03-01T12:00:00,25Z", noon + 250],
    ["2026-03-01T20:00:00.123500+08:00", noon + 124],
    ["2026-03-01T12:00:00.123456789Z", noon + 123],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  ])("%s is read to the nearest millisecond", (sent, read) => {
    expect(milliseconds(sent)).toBe(read);
  });

  it.each([
    ["without a zone", "2026-03-01T12:00:00"],
    ["without a time of day", "2026-03-01Z"],
    ["on a day that no month has", "2026-02-30T12:00:00Z"],
    ["in a month that no year has", "2026-13-01T12:00:00Z"],
    ["at an hour that no day has", "2026-03-01T25:00:00Z"],
    ["in a zone that nobody lives in", "2026-03-01T12:00:00+24:00"],
    ["behind a word", "at 2026-03-01T12:00:00Z"],
    ["before megabytes of blanks", `2026-03-01T12:00:00Z${" ".repeat(1_000_000)}`],
  ])("%s is none", (_, sent) => {
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

  it("is usable however late it is received", () => {
    expect(isUsableTime(Date.UTC(2016, 0, 1), receivedAt)).toBe(true);
  });

  it("is not usable before 2015, or if it is missing", () => {
    expect(isUsableTime(Date.UTC(2014, 11, 31), receivedAt)).toBe(false);
    expect(isUsableTime(undefined, receivedAt)).toBe(false);
  });
});

it("names the month of a time in UTC", () => {
  expect(monthOf(Date.UTC(2026, 10, 30, 23, 59))).toBe("2026-11");
});
