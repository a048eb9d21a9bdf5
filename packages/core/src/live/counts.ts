import type { PageCounts, SharedCounts } from "../statistics/counts.ts";
import type { Zone } from "../statistics/zone.ts";

const windowSeconds = 60;

/** The number of events in each of the last sixty seconds, by box. */
export class PassingRate {
  readonly #clock: () => number;
  readonly #seconds = new Map<number, Map<string, number>>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  note(box: string): void {
    const now = this.#now();
    const second = this.#seconds.get(now) ?? new Map<string, number>();
    second.set(box, (second.get(box) ?? 0) + 1);
    this.#seconds.set(now, second);
    for (const old of this.#seconds.keys()) if (old <= now - windowSeconds) this.#seconds.delete(old);
  }

  /** Events a second, the mean of the last minute, to a tenth; of these boxes alone, null for every box. */
  perSecond(boxes: readonly string[] | null): number {
    const now = this.#now();
    let count = 0;
    for (const [second, byBox] of this.#seconds) {
      if (second <= now - windowSeconds || second > now) continue;
      for (const [box, events] of byBox) if (boxes?.includes(box) ?? true) count += events;
    }
    return Math.round((count / windowSeconds) * 10) / 10;
  }

  #now(): number {
    return Math.floor(this.#clock() / 1000);
  }
}

/** The counts for every page, as the live feed sends them. */
export interface LiveCounts extends PageCounts {
  /** Events a second, over the last minute. */
  perSecond: number;
}

export interface LiveCountsReader {
  /** The counts of these boxes, null for every box; up to 5 s old. */
  read(boxes: readonly string[] | null): Promise<LiveCounts>;
}

interface Counting {
  counts: Pick<SharedCounts, "live">;
  /** By which a day begins. */
  zone: Zone;
  rate: PassingRate;
}

/** Counts for the live feed: the counts of the API, and the number of events per second. */
export function liveCounts({ counts, zone, rate }: Counting): LiveCountsReader {
  return {
    read: async (boxes) => ({ ...(await counts.live({ boxes, zone })), perSecond: rate.perSecond(boxes) }),
  };
}

/** ms between two messages with counts to one client, at least. */
export const countsEveryMs = 5000;
