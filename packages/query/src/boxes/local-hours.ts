import { GatepostError } from "@gatepost/ingest";
import { hourMs } from "@gatepost/protocol";
import { Zone } from "../statistics/zone.ts";

/**
 * The hours of a time zone, numbered: hour 0 began on 1 January 1970 at 00:00 by the clocks there. The hour that clocks
 * skip in spring has a number and no time; the one that they repeat in autumn has one number for both.
 */
export class LocalHours {
  readonly #zone: Zone;

  /** @param name as `Asia/Shanghai`. Throws GatepostError bad-request where there is no such zone. */
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

  /** The middle of the hour of a number, ms. Of an hour that clocks skip, a time in the hour beside it. */
  middleOf(hour: number): number {
    const local = (hour + 0.5) * hourMs;
    return local - this.#zone.offsetAt(local - this.#zone.offsetAt(local));
  }

  /** The first ms of the next hour. Where clocks are changed within an hour, it may be early; never before `time`. */
  nextHour(time: number): number {
    const local = this.#zone.localOf(time);
    return time + (Math.floor(local / hourMs) + 1) * hourMs - local;
  }
}
