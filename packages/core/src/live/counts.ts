import type { PageCounts, SharedCounts } from "../statistics/counts.ts";
import type { Zone } from "../statistics/zone.ts";
import type { PassingRate } from "./rate.ts";

/** What a page shows on every view, as the live feed sends it. */
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

/** Counts for the live feed: those of the API, and how many events come in a second. */
export function liveCounts({ counts, zone, rate }: Counting): LiveCountsReader {
  return {
    read: async (boxes) => ({ ...(await counts.live({ boxes, zone })), perSecond: rate.perSecond(boxes) }),
  };
}

/** ms between two messages with counts to one client, at least. */
export const countsEveryMs = 5000;
