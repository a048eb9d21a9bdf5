import type { QuarantineRecord } from "../ports/quarantine.ts";

/** Where a report comes from. All parts of a batch have the same origin. */
export interface Origin {
  box: string;
  /** The path without the key, as `/HistoryEvent`. */
  path: string;
  headers: Record<string, string>;
  /** ms since 1970. */
  receivedAt: number;
  /** On a replay: the event that was made of the report before. */
  event: QuarantineRecord["event"];
  /** Whether the report was received before, and is taken again. */
  isReplay?: true;
}
