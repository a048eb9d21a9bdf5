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
  /** The counts as they are now. */
  read(): Promise<LiveCounts>;
}

/** ms between two messages with counts to one client, at least. */
export const countsEveryMs = 5000;
