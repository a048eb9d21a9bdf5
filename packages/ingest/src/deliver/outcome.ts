import type { BrokenRow, ReportKind } from "@gatepost/protocol";
import type { Written } from "../ports/event-index.ts";

export interface Quarantined {
  id: string;
  reason: string;
}

/**
 * The outcome of one report: an event, a quarantine record, or both. Neither if it was a box status, is kept with its
 * whole batch, or is about a passing that was erased.
 */
export interface Outcome {
  event: { id: string; kind: ReportKind; outcome: Written["outcome"] } | null;
  quarantined: Quarantined | null;
  /** The report is about a passing that was erased: nothing of it is stored. */
  isSuppressed?: true;
  /** The report is about the box itself. */
  isNotice?: true;
  /** The quarantine record is the whole body. Its reports have outcomes of their own, if it was read. */
  isWholeBody?: true;
  /** The event is stored in a way that cannot be read. */
  broken?: { eventId: string; cause: BrokenRow };
}
