import { dayMs, hourMs, instant, type ShownBox } from "@gatepost/protocol";
import { GatepostError } from "../errors/errors.ts";
import { halfHourMs, Zone } from "../zones/zone.ts";

/**
 * The hours of a time zone, numbered: hour 0 began on 1 January 1970 at 00:00 by the clocks there. The hour that clocks
 * skip in spring has a number and no time; the one that they repeat in autumn has one number for both.
 */
export class LocalHours {
  readonly #zone: Zone;

  /** @param name as `Asia/Shanghai`. Throws GatepostError bad-request if there is no such zone. */
  constructor(name: string) {
    const zone = Zone.find(name);
    if (zone === null) {
      const message = `there is no time zone ${JSON.stringify(name.slice(0, 64))}; give one as Asia/Shanghai`;
      throw new GatepostError("bad-request", message);
    }
    this.#zone = zone;
  }

  /** The number of the hour in which a time (ms) is. */
  hourOf(time: number): number {
    return Math.floor(this.#zone.localOf(time) / hourMs);
  }

  /** The number of the day in which a time (ms) is: day 0 is 1 January 1970. */
  dayOf(time: number): number {
    return this.#zone.dayOf(time);
  }

  /** The middle of the hour of a number, ms. If clocks skip that hour, a time in an hour next to it. */
  middleOf(hour: number): number {
    const local = (hour + 0.5) * hourMs;
    return local - this.#zone.offsetAt(local - this.#zone.offsetAt(local));
  }

  /** The first ms of the next hour. If clocks are changed within an hour, it may be early; never before `time`. */
  nextHour(time: number): number {
    const local = this.#zone.localOf(time);
    return time + (Math.floor(local / hourMs) + 1) * hourMs - local;
  }
}

/** Sums of events by half-hour (of UTC, ms), as the statistics keep them. */
export interface BoxCounts {
  totals(range: { from: number; to: number; boxes: readonly string[] | null }): Promise<ReadonlyMap<number, number>>;
}

const halfHoursOfDay = dayMs / halfHourMs;
const weekMs = 7 * dayMs;
const weeks = [1, 2, 3, 4];

/** More boxes than a console shows. */
const maxBoxes = 10_000;

/** Compares the last 24 hours of a box with the same ones of the four weeks before. */
export class Rhythms {
  readonly #counts: BoxCounts;
  /** The usual day up to a half-hour, by box: it is read once in that time. */
  readonly #usual = new Map<string, { to: number; counts: number[] }>();

  constructor(counts: BoxCounts) {
    this.#counts = counts;
  }

  /** @param firstSeen when the box was heard first, ms: weeks before that are not counted as quiet */
  async of(box: string, now: number, firstSeen: number): Promise<NonNullable<ShownBox["rhythm"]>> {
    const to = (Math.floor(now / halfHourMs) + 1) * halfHourMs;
    const [counts, usual] = await Promise.all([this.#day(box, to), this.#usualDay(box, to, firstSeen)]);
    return { by: "half-hour", from: instant(to - dayMs), counts, usual };
  }

  async #usualDay(box: string, to: number, firstSeen: number): Promise<number[]> {
    const known = this.#usual.get(box);
    if (known?.to === to) return known.counts;
    const counted = weeks.filter((week) => to - week * weekMs > firstSeen);
    const days = await Promise.all(counted.map((week) => this.#day(box, to - week * weekMs)));
    const counts = Array.from({ length: halfHoursOfDay }, (_, of) => mean(days.map((day) => day[of] ?? 0)));
    if (this.#usual.size >= maxBoxes) this.#usual.clear();
    this.#usual.set(box, { to, counts });
    return counts;
  }

  /** The counts of the 24 hours before `to`. */
  async #day(box: string, to: number): Promise<number[]> {
    const from = to - dayMs;
    const totals = await this.#counts.totals({ from, to, boxes: [box] });
    return Array.from({ length: halfHoursOfDay }, (_, of) => totals.get(from + of * halfHourMs) ?? 0);
  }
}

/** To one digit after the point; 0 of nothing. */
function mean(values: readonly number[]): number {
  const sum = values.reduce((all, one) => all + one, 0);
  return values.length === 0 ? 0 : Math.round((sum / values.length) * 10) / 10;
}
