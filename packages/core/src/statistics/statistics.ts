import { dayMs, hourMs, type PersonType, personTypes } from "@gatepost/protocol";
import { GatepostError } from "../errors/errors.ts";
import { type CountedPart, type HalfHourCounts, type HalfHourRange, halfHourMs, matchBuckets } from "./half-hours.ts";
import { usualRange, usualWeek } from "./usual.ts";
import type { Zone } from "./zone.ts";

export const units = ["half-hour", "hour", "day"] as const;

/** The units by which counts are added up. */
export type Unit = (typeof units)[number];

/** The most days that may be asked for at once, by the unit. */
const maxDays: Record<Unit, number> = { "half-hour": 31, hour: 92, day: 400 };

/** Days for which counts of passings are kept by default. */
export const usualKeptDays = 400;

/** Says in which half-hour, hour or day of a zone a half-hour of UTC is. */
type Grouping = (halfHour: number) => { start: number; text: string };

/**
 * Groups half-hours by a unit of a zone. A half-hour belongs to the unit in which it begins. So a day is 23 or 25 hours
 * long when clocks are changed, and an hour that is shown twice is two hours. If clocks are 15 or 45 minutes off, as in
 * Asia/Kathmandu, half-hours begin at 0:15 and 0:45, and an hour begins up to 15 minutes late.
 */
function groupingBy(unit: Unit, zone: Zone): Grouping {
  if (unit === "day") return once((halfHour) => zone.startOfDay(zone.dayOf(halfHour)), zone);
  if (unit === "half-hour") return once((halfHour) => halfHour, zone);
  return once((halfHour) => {
    const offset = zone.offsetAt(halfHour);
    return Math.floor((halfHour + offset) / hourMs) * hourMs - offset;
  }, zone);
}

/** Remembers results, because each half-hour is asked for once per box and type. */
function once(startOf: (halfHour: number) => number, zone: Zone): Grouping {
  const known = new Map<number, { start: number; text: string }>();
  return (halfHour) => {
    const found = known.get(halfHour);
    if (found !== undefined) return found;
    const start = startOf(halfHour);
    const group = { start, text: zone.text(start) };
    known.set(halfHour, group);
    return group;
  };
}

/** The request for statistics. */
export interface StatisticsRequest extends HalfHourRange {
  by: Unit;
  zone: Zone;
}

export interface Statistics {
  by: Unit;
  zone: string;
  /** The counts, in the order of time, box and type. Without events there is no bucket. */
  buckets: { start: string; box: string; type: PersonType; count: number }[];
  /** How well faces matched: events whose score is from `from` to `to` percent of its scale. */
  match: { type: PersonType; from: number; to: number; count: number }[];
  /** The half-hour with the most events of all asked boxes; the first, if there are several. */
  busiest: { start: string; minutes: 30; count: number } | null;
  usualWeek: number[][];
}

/** Buckets of an answer at most: more could not be read by a person, and an answer has 6 MB at most on AWS. */
const maxBuckets = 25_000;

/**
 * Counts passings by half-hour, hour or day of a zone. `from` and `to` are moved outwards to half-hours of UTC. Throws
 * GatepostError bad-request for a range that is reversed or too long, or if there would be too many buckets.
 *
 * @param now ms; the usual week is the mean of the four weeks before
 */
export async function readStatistics(
  { by, zone, boxes, ...asked }: StatisticsRequest,
  counts: HalfHourCounts,
  now: number,
): Promise<Statistics> {
  const range = wholeHalfHours(asked);
  requireRange(range, by);
  const sums = new Sums(by, zone);
  for await (const part of counts.read({ ...range, boxes })) sums.add(part);
  const usual = await counts.totals({ ...usualRange(zone, now), boxes });
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

/** Adds up the counts. */
class Sums {
  readonly #by: Unit;
  readonly #zone: Zone;
  readonly #groupOf: ReturnType<typeof groupingBy>;
  readonly #buckets = new Map<string, Statistics["buckets"][number] & { at: number }>();
  readonly #halfHours = new Map<number, number>();
  readonly #match = new Map<PersonType, number[]>();

  constructor(by: Unit, zone: Zone) {
    this.#by = by;
    this.#zone = zone;
    this.#groupOf = groupingBy(by, zone);
  }

  add({ halfHours, match }: CountedPart): void {
    for (const { box, start, type, count } of halfHours) {
      this.#halfHours.set(start, (this.#halfHours.get(start) ?? 0) + count);
      const group = this.#groupOf(start);
      const key = `${group.start} ${type} ${box}`;
      const held = this.#buckets.get(key);
      if (held === undefined) this.#buckets.set(key, { at: group.start, start: group.text, box, type, count });
      else held.count += count;
    }
    for (const { type, bucket, count } of match) {
      const ofType = this.#match.get(type) ?? Array.from({ length: matchBuckets }, () => 0);
      ofType[bucket] = (ofType[bucket] ?? 0) + count;
      this.#match.set(type, ofType);
    }
    if (this.#buckets.size > maxBuckets) throw new GatepostError("bad-request", tooMany(this.#by));
  }

  result(): Pick<Statistics, "buckets" | "match" | "busiest"> {
    const inOrder = [...this.#buckets.values()].sort(
      (a, b) => a.at - b.at || compare(a.box, b.box) || rankOf(a.type) - rankOf(b.type),
    );
    const buckets = inOrder.map(({ at: _, ...bucket }) => bucket);
    return { buckets, match: personTypes.flatMap((type) => this.#matchOf(type)), busiest: this.#busiest() };
  }

  #matchOf(type: PersonType): Statistics["match"] {
    const width = 100 / matchBuckets;
    return (this.#match.get(type) ?? []).flatMap((count, bucket) =>
      count === 0 ? [] : [{ type, from: bucket * width, to: (bucket + 1) * width, count }],
    );
  }

  #busiest(): Statistics["busiest"] {
    const [first, ...others] = [...this.#halfHours].sort(([a], [b]) => a - b);
    if (first === undefined) return null;
    const [start, count] = others.reduce((most, one) => (one[1] > most[1] ? one : most), first);
    return { start: this.#zone.text(start), minutes: 30, count };
  }
}

function tooMany(by: Unit): string {
  const coarser = by === "day" ? "" : ", ask by day";
  return `there are over ${maxBuckets.toLocaleString("en")} numbers: name a box${coarser}, or ask for fewer days`;
}

function rankOf(type: PersonType): number {
  return personTypes.indexOf(type);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
