import type { EventAction, Fingerprints, Report, StoredEvent } from "@gatepost/protocol";

/** One report to write into the index. */
export interface Upsert extends Fingerprints {
  eventId: string;
  box: string;
  isSecondFace: boolean;
  /** The event of the first face, if pictures of this report were stored for that before its index refused the report. */
  firstFace?: string;
  report: Report;
  /** The action to enqueue with this write, unless the event has it already. */
  action: EventAction | null;
  /** Whether the bus receives the event if this write makes it: then the event enters the outbox of events. */
  isAwaited: boolean;
  /** ms since 1970. An event that has expired by now is treated as missing. */
  now: number;
  /** ms since 1970. An event expires by its report that was received first, so a later time has no effect on it. */
  expiresAt: number;
}

export interface Written {
  /**
   * `merged`: the first report of its kind joined the event. `filled`: a repeat added missing values to the stored
   * report. `duplicate`: a repeat brought nothing. `conflict`: the event has another passing by a report of this kind;
   * nothing was written.
   */
  outcome: "created" | "merged" | "filled" | "duplicate" | "conflict";
  /** Whether this write enqueued the action. Exactly one of several equal writes gets true. */
  enqueued: boolean;
  /** The event after the write, if this write made it or enqueued its action; else null. */
  event: StoredEvent | null;
}

export interface EventIndex {
  /**
   * The commit point: one atomic, durable write that needs no read before it. A repeat or a replay only adds: stored
   * members of a report stay, and missing ones are filled in (protocol/fill.ts).
   */
  upsert(entry: Upsert): Promise<Written>;
}

/**
 * The events whose recording is not announced on the bus yet. An event enters with the write that makes it
 * (`Upsert.isAwaited`), and leaves by `markAnnounced`, or when it expires or is erased.
 */
export interface EventOutbox {
  /** Takes an event out. Changes nothing where it is not there. */
  markAnnounced(eventId: string): Promise<void>;
  /**
   * Leases events until `until` (ms) that were made at `before` (ms) or earlier and are not leased. If several callers
   * ask at once, exactly one gets each event.
   */
  lease(pending: { before: number; until: number; limit: number }): Promise<StoredEvent[]>;
}
