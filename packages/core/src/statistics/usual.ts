import { hourMs } from "@gatepost/protocol";
import type { Zone } from "../zones/zone.ts";
import { halfHourMs } from "../zones/zone.ts";

const days = 28;

/** The four weeks that end with the local date before `now`: their half-hours are the usual ones. */
export function usualRange(zone: Zone, now: number): { from: number; to: number } {
  const today = zone.dayOf(now);
  return { from: firstHalfHour(zone, today - days), to: firstHalfHour(zone, today) };
}

/** Counts by the beginning of their half-hour. */
export type Totals = ReadonlyMap<number, number>;

/**
 * The mean of each hour of the week over the last four weeks: seven rows of 24 from Monday, by the clocks of the zone. A
 * week in which nothing was counted is left out, and so is an hour that clocks skip; an hour that they show twice is two.
 */
export function usualWeek(totals: Totals, zone: Zone, now: number): number[][] {
  const hours = new Map<number, { sum: number; hours: Set<number> }>();
  for (const { halfHour, day } of countedWeeks(totals, zone, now)) {
    const local = zone.localOf(halfHour);
    const cell = weekdayOf(day) * 24 + new Date(local).getUTCHours();
    const held = hours.get(cell) ?? { sum: 0, hours: new Set() };
    held.sum += totals.get(halfHour) ?? 0;
    held.hours.add(Math.floor(local / hourMs) * hourMs - zone.offsetAt(halfHour));
    hours.set(cell, held);
  }
  const mean = (cell: number) => {
    const held = hours.get(cell);
    return held === undefined ? 0 : rounded(held.sum / held.hours.size);
  };
  return Array.from({ length: 7 }, (_, weekday) => Array.from({ length: 24 }, (_, hour) => mean(weekday * 24 + hour)));
}

/** The half-hours of each of the last four weeks with any passing, with their local dates. */
function* countedWeeks(totals: Totals, zone: Zone, now: number): Generator<{ halfHour: number; day: number }> {
  const today = zone.dayOf(now);
  for (let first = today - days; first < today; first += 7) {
    const week = Array.from({ length: 7 }, (_, n) => first + n).flatMap((day) =>
      halfHoursOf(zone, day).map((halfHour) => ({ halfHour, day })),
    );
    if (week.some(({ halfHour }) => (totals.get(halfHour) ?? 0) > 0)) yield* week;
  }
}

/** The half-hours of UTC that begin on a local date. */
function halfHoursOf(zone: Zone, day: number): number[] {
  const [from, to] = [firstHalfHour(zone, day), firstHalfHour(zone, day + 1)];
  return Array.from({ length: (to - from) / halfHourMs }, (_, n) => from + n * halfHourMs);
}

/** The first half-hour of UTC that begins on a local date. */
export function firstHalfHour(zone: Zone, day: number): number {
  return Math.ceil(zone.startOfDay(day) / halfHourMs) * halfHourMs;
}

/** 0 is Monday. The first of January 1970 was a Thursday. */
function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** To a tenth. */
function rounded(mean: number): number {
  return Math.round(mean * 10) / 10;
}
