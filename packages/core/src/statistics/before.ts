import { dayMs } from "@gatepost/protocol";
import type { Zone } from "../zones/zone.ts";

export const comparisons = ["week", "month"] as const;

/** The past that counts are compared with: the same weekday a week before, or the same day of the month before. */
export type Comparison = (typeof comparisons)[number];

interface Range {
  from: number;
  to: number;
}

/** The past of a range, by the clocks of the zone. Some of it may be beside no time of the range. */
export function pastOf({ from, to }: Range, by: Comparison, zone: Zone): Range {
  const past = (time: number) => moved(time, zone, (day) => (by === "week" ? day - 7 : monthBefore(day)));
  return { from: past(from), to: past(to) };
}

/**
 * The time a week or a month after one, when clocks show the same. Null if the next month has no such day: the 31st of
 * October is beside no day of November.
 */
export function laterBy(time: number, by: Comparison, zone: Zone): number | null {
  const day = by === "week" ? zone.dayOf(time) + 7 : monthAfter(zone.dayOf(time));
  return day === null ? null : moved(time, zone, () => day);
}

/** The time on another day when clocks show the same. If they skip it then, one beside it. */
function moved(time: number, zone: Zone, dayFrom: (day: number) => number): number {
  const shown = zone.localOf(time);
  const day = Math.floor(shown / dayMs);
  const local = shown + (dayFrom(day) - day) * dayMs;
  return local - zone.offsetAt(local - zone.offsetAt(local));
}

/** Days since 1970. What the month before does not have is the end of that month, when the month itself begins. */
function monthBefore(day: number): number {
  const date = new Date(day * dayMs);
  const [year, month, ofMonth] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return Math.min(Date.UTC(year, month - 1, ofMonth), Date.UTC(year, month, 1)) / dayMs;
}

function monthAfter(day: number): number | null {
  const date = new Date(day * dayMs);
  const after = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
  return new Date(after).getUTCDate() === date.getUTCDate() ? after / dayMs : null;
}
