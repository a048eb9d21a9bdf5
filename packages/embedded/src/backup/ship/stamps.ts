import type { Log } from "@gatepost/core/log";
import { dayMs } from "@gatepost/protocol";
import type { StoreClock } from "../../db/store-clock.ts";
import { padded, type ShipStore } from "./bucket.ts";

/** ms that a clock may go back before later names get its earlier time. */
const maxBackMs = dayMs;

/** When something was shipped, as in its name. */
export interface Stamp {
  /** Rises with each name, also if the clock is set back: the highest is the newest. */
  order: number;
  /** The time of the clock, ms since 1970. */
  time: number;
}

export function stampText({ order, time }: Stamp): string {
  return `${padded(order)}-${padded(time)}`;
}

/** The stamp in a key or in the name of a generation; null if there is none. */
export function stampIn(key: string): Stamp | null {
  return stampsIn(key).at(-1) ?? null;
}

/** The stamps in a key: of its generation, and its own. In the first versions the order was also the time. */
function stampsIn(key: string): Stamp[] {
  const found = [
    /^(?:\w+\/)?(\d{16})(?:-(\d{16}))?-/.exec(key),
    /^index\/[^/]+\/\d{10}-(\d{16})(?:-(\d{16}))?-/.exec(key),
  ];
  return found.flatMap((stamp) => {
    if (stamp === null) return [];
    const [, order, time = order] = stamp;
    return [{ order: Number(order), time: Number(time) }];
  });
}

/** Gives stamps to names. */
export class NameClock {
  readonly #clock: Pick<StoreClock, "doubt">;
  readonly #log: Log;
  #last: Stamp = { order: 0, time: 0 };

  constructor(clock: Pick<StoreClock, "doubt">, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Reads the last stamp in a bucket. */
  async open(bucket: ShipStore): Promise<void> {
    for (const prefix of ["index/", "rules/"]) {
      for await (const key of bucket.list(prefix)) {
        const stamp = stampIn(key);
        if (stamp !== null && stamp.order > this.#last.order) this.#last = stamp;
      }
    }
  }

  /**
   * A stamp after all earlier ones. Its time also rises over small steps back of the clock. After a large step back to
   * a believed clock, it does not: then the clock was ahead at the last stamps.
   */
  next(now: number): Stamp {
    const { order, time } = this.#last;
    const wasAhead = time - now > maxBackMs && this.#clock.doubt()?.is !== "behind";
    if (wasAhead) {
      const names = { bucketSays: new Date(time).toISOString(), clockSays: new Date(now).toISOString() };
      this.#log.warn(
        "the clock was ahead when this bucket was shipped to last: what it has of then counts as older",
        names,
      );
    }
    this.#last = { order: Math.max(now, order + 1), time: wasAhead ? now : Math.max(now, time + 1) };
    return this.#last;
  }
}

/**
 * When each of some keys was shipped, ms since 1970, rising with their order. A key whose time is later than the time
 * of a newer key was dated by a clock that was ahead: it gets a time just before that one.
 */
export function timesOf(keys: Iterable<string>): (key: string) => number {
  const stamps = [...keys].flatMap(stampsIn).sort((a, b) => b.order - a.order);
  const times = new Map<number, number>();
  let next = Number.POSITIVE_INFINITY;
  for (const { order, time } of stamps) {
    if (times.has(order)) continue;
    next = Math.min(time, next - 1);
    times.set(order, next);
  }
  return (key) => times.get(stampIn(key)?.order ?? 0) ?? 0;
}
