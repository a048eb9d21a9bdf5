import type { SharedCounts } from "../counts.ts";
import type { Zone } from "../statistics/zone.ts";
import type { PassingRate } from "./rate.ts";

/** What a page shows on every view. */
export interface LiveCounts {
  /** Events whose time is today, in the zone of the deployment. */
  today: number;
  /** Events a second, over the last minute. */
  perSecond: number;
  /** Actions that are pending, announced or failed. */
  actions: number;
  /** Boxes that are silent. */
  silent: number;
  /** What needs a hand: quarantine, dead letters, flagged events. */
  problems: number;
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
