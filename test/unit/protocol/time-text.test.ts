import { timeIn } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";

describe("A time as people and programs write it", () => {
  it.each([
    ["2026-11-05T08:00:00+08:00", Date.UTC(2026, 10, 5)],
    ["2026-11-05T00:00:00.5Z", Date.UTC(2026, 10, 5, 0, 0, 0, 500)],
    ["2028-02-29T23:59:59Z", Date.UTC(2028, 1, 29, 23, 59, 59)],
    // A plus that was not escaped in an address arrives as a blank.
    ["2026-11-05T08:00:00 08:00", Date.UTC(2026, 10, 5)],
    ["1795500000", 1_795_500_000_000],
    ["1795500000000", 1_795_500_000_000],
    ["0", 0],
    ["-0", 0],
    ["-86400", -86_400_000],
    ["99999999999", 99_999_999_999_000],
    ["100000000000", 100_000_000_000],
    ["8640000000000000", 8_640_000_000_000_000],
  ])("may be %s", (text, time) => expect(timeIn(text)).toBe(time));

  it.each([
    ...["", " ", "today", "2026-11-05", "2026-11-05T00:00:00", "2026-11-05T25:00:00Z", "2026-02-31T00:00:00Z"],
    ...["1e9", "0x10", "1795500000.5", "+1795500000", "8640000000000001", "99999999999999999"],
  ])("may not be %j", (text) => expect(timeIn(text)).toBeNull());
});
