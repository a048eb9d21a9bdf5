import type { Passing } from "./passing.ts";

/** The way in which a passing is reported: each way loses reports for different reasons. */
export type Channel = "realtime" | "history" | "pass-record" | "live" | "terminal";

/**
 * What becomes of a report. `repeated`: it was sent again, because it was not accepted before. `lost`: it will not be.
 */
export type Fate = "sent" | "accepted" | "repeated" | "lost";

/** Hears what becomes of every report. */
export type Watcher = (fate: Fate, channel: Channel, passing: Passing) => void;

/** Counts fates, for a line on a screen. */
export class Tally {
  readonly counts: Record<Fate, number> = { sent: 0, accepted: 0, repeated: 0, lost: 0 };

  readonly watch: Watcher = (fate) => {
    this.counts[fate] += 1;
  };

  line(): string {
    const { sent, accepted, repeated, lost } = this.counts;
    return `sent ${sent}  accepted ${accepted}  repeated ${repeated}  lost ${lost}`;
  }
}
