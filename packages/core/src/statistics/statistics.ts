import { dayMs, hourMs } from "@gatepost/protocol";
import { GatepostError } from "../errors/errors.ts";
import type { Zone } from "../zones/zone.ts";
import { halfHourMs } from "../zones/zone.ts";
import { type Comparison, laterBy, pastOf } from "./before.ts";
import { groupingBy, type Unit } from "./grouping.ts";
import type { HalfHourCounts, HalfHourRange } from "./half-hours.ts";
import { type Statistics, Sums } from "./sums.ts";
import { usualRange, usualWeek } from "./usual.ts";

/** The most days that may be asked for at once, by the unit. */
const maxDays: Record<Unit, number> = { "half-hour": 31, hour: 92, day: 400 };

/** Days for which counts of passings are kept by default. */
export const usualKeptDays = 400;

/** The request for statistics. */
export interface StatisticsRequest extends HalfHourRange {
  by: Unit;
  zone: Zone;
  /** The past beside each bucket; absent for none. */
  compare?: Comparison | undefined;
}

/**
 * Counts passings by half-hour, hour or day of a zone, and beside them passings of the past. `from` and `to` are moved
 * outwards to half-hours of UTC. Throws GatepostError bad-request for a range that is reversed or too long, or if there
 * would be too many buckets.
 *
 * @param now ms; the usual week is the mean of the four weeks before
 */
export async function readStatistics(
  { by, zone, compare, from, to, ...asked }: StatisticsRequest,
  counts: HalfHourCounts,
  now: number,
): Promise<Statistics> {
  const range = wholeHalfHours({ from, to });
  requireRange(range, by);
  const sums = new Sums(by, groupingBy(by, zone), {
    textOf: (time) => zone.text(time),
    isByDevice: asked.isByDevice === true,
    isCompared: compare !== undefined,
  });
  for await (const part of counts.read({ ...asked, ...range })) sums.add(part);
  if (compare !== undefined) {
    const past = wholeHalfHours(pastOf(range, compare, zone));
    const beside = (start: number) => {
      const later = laterBy(start, compare, zone);
      return later !== null && later >= range.from && later < range.to ? later : null;
    };
    for await (const { halfHours } of counts.read({ ...asked, ...past })) sums.addBefore(halfHours, beside);
  }
  const usual = await counts.totals({ ...asked, ...usualRange(zone, now) });
  return { by, zone: zone.name, ...sums.result(), usualWeek: usualWeek(usual, zone, now) };
}

/** A range that begins and ends with half-hours of UTC. */
export function wholeHalfHours({ from, to }: { from: number; to: number }): { from: number; to: number } {
  return { from: Math.floor(from / halfHourMs) * halfHourMs, to: Math.ceil(to / halfHourMs) * halfHourMs };
}

function requireRange({ from, to }: { from: number; to: number }, by: Unit): void {
  if (from > to) throw new GatepostError("bad-request", "from: must be before to");
  // A month in which clocks are put back is an hour longer.
  if (to - from <= maxDays[by] * dayMs + hourMs) return;
  throw new GatepostError("bad-request", `from: by ${by}, ask for at most ${maxDays[by]} days at once`);
}
