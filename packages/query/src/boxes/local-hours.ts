import { GatepostError } from "@gatepost/ingest";
import { dayMs, hourMs, minuteMs } from "@gatepost/protocol";

const quarterMs = 15 * minuteMs;

/** Quarters of an hour whose offset is remembered. */
const maxKnown = 1000;

/**
 * The hours of a time zone, numbered: hour 0 began on 1 January 1970 at 00:00 by the clocks there. The hour that clocks
 * skip in spring has a number and no time; the one that they repeat in autumn has one number for both.
 */
export class LocalHours {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** @param zone a name as `Asia/Shanghai`. Throws GatepostError bad-request where there is no such zone. */
  constructor(zone: string) {
    try {
      this.#format = new Intl.DateTimeFormat("en", {
        ...{ timeZone: zone, hourCycle: "h23", calendar: "gregory", numberingSystem: "latn" },
        ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
      });
    } catch (cause) {
      const message = `there is no time zone ${JSON.stringify(zone.slice(0, 64))}; give one as Asia/Shanghai`;
      throw new GatepostError("bad-request", message, { cause });
    }
  }

  /** The number of the hour in which a time (ms) is. */
  hourOf(time: number): number {
    return Math.floor(this.#local(time) / hourMs);
  }

  /** The number of the day in which a time (ms) is: day 0 is 1 January 1970. */
  dayOf(time: number): number {
    return Math.floor(this.#local(time) / dayMs);
  }

  /** The middle of the hour of a number, ms. Of an hour that clocks skip, a time in the hour beside it. */
  middleOf(hour: number): number {
    const local = (hour + 0.5) * hourMs;
    return local - this.#offsetAt(local - this.#offsetAt(local));
  }

  /** The first ms of the next hour. Where clocks are changed within an hour, it may be early; never before `time`. */
  nextHour(time: number): number {
    const local = this.#local(time);
    return time + (Math.floor(local / hourMs) + 1) * hourMs - local;
  }

  #local(time: number): number {
    return time + this.#offsetAt(time);
  }

  /** ms that clocks are ahead of UTC. They change at quarters of an hour only. */
  #offsetAt(time: number): number {
    const quarter = Math.floor(time / quarterMs);
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const start = quarter * quarterMs;
    const {
      year = 0,
      month = 0,
      day = 0,
      hour = 0,
      minute = 0,
      second = 0,
    } = Object.fromEntries(this.#format.formatToParts(start).map(({ type, value }) => [type, Number(value)]));
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - start;
    if (this.#offsets.size === maxKnown) this.#offsets.clear();
    this.#offsets.set(quarter, offset);
    return offset;
  }
}
