import { halfHourMs, Zone } from "@gatepost/core/zones";
import { describe, expect, it } from "vitest";
import { usualRange, usualWeek } from "../../../../packages/core/src/statistics/usual.ts";

const dayMs = 24 * 60 * 60 * 1000;

function zoneOf(name: string): Zone {
  const zone = Zone.find(name);
  if (zone === null) throw new Error("there is no such zone");
  return zone;
}

const utc = zoneOf("UTC");
/** A Friday. */
const now = Date.parse("2026-11-20T12:00:00Z");
const today = Date.parse("2026-11-20T00:00:00Z");

/** Counts of half-hours, by days and hours before the beginning of today. */
const totals = (...counts: [days: number, hours: number, count: number][]) =>
  new Map(counts.map(([days, hours, count]) => [today - days * dayMs + hours * 2 * halfHourMs, count]));

describe("a usual week", () => {
  it("a usual week is computed from the four weeks before today", () => {
    expect(usualRange(utc, now)).toEqual({ from: today - 28 * dayMs, to: today });
    expect(usualRange(zoneOf("Asia/Shanghai"), now).to).toBe(Date.parse("2026-11-19T16:00:00Z"));
    expect(usualRange(zoneOf("Asia/Kathmandu"), now).to).toBe(Date.parse("2026-11-19T18:30:00Z"));
  });

  it("a usual week has seven rows of 24 hours from Monday, with means", () => {
    // Four Fridays at eight; one Monday at nine and a half.
    const week = usualWeek(
      totals([7, 8, 4], [14, 8, 4], [21, 8, 0], [28, 8, 2], [11, 9, 1], [4, 9.5, 1], [18, 0, 1], [25, 0, 1]),
      utc,
      now,
    );
    expect(week.map((row) => row.length)).toEqual([24, 24, 24, 24, 24, 24, 24]);
    expect(week[4]?.[8]).toBe(2.5);
    expect(week[0]?.[9]).toBe(0.5);
    expect(week.flat().filter((mean) => mean > 0)).toHaveLength(3);
  });

  it("weeks without counts are left out", () => {
    // Three days ago is in the last week, ten days ago in the one before it.
    expect(usualWeek(totals([3, 8, 3], [10, 8, 4]), utc, now)[1]?.[8]).toBe(3.5);
    expect(usualWeek(totals([3, 8, 3], [10, 8, 4], [27, 1, 1]), utc, now)[1]?.[8]).toBe(2.3);
    const nothing = Array(7).fill(Array(24).fill(0));
    expect(usualWeek(new Map(), utc, now)).toEqual(nothing);
    expect(usualWeek(totals([0, 8, 3], [29, 8, 3]), utc, now)).toEqual(nothing);
  });

  it("an hour that clocks show twice counts as two; a skipped one is left out", () => {
    const berlin = zoneOf("Europe/Berlin");
    const every = (from: string) => {
      const start = Date.parse(from);
      return new Map(Array.from({ length: 29 * 48 }, (_, n) => [start + n * halfHourMs, 1]));
    };
    for (const [from, after] of [
      ["2026-03-10T00:00:00Z", "2026-04-06T12:00:00Z"],
      ["2026-10-10T00:00:00Z", "2026-11-06T12:00:00Z"],
    ] as const) {
      const week = usualWeek(every(from), berlin, Date.parse(after));
      const sunday = week[6] ?? [];
      expect(sunday[2]).toBe(2);
    }
  });
});
