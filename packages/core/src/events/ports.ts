import type { EventAction, Report, StoredEvent } from "@gatepost/protocol";

/** One report that is to be written into the index. */
export interface Upsert {
  eventId: string;
  box: string;
  isSecondFace: boolean;
  report: Report;
  /** Two reports of one kind are about the same passing only if their fingerprints are equal. */
  fingerprint: string;
  /** On a replay: the fingerprint of the report that was made of the same body before. */
  replaces: string | null;
  /** The action to enqueue with this write, unless the event has it already. */
  action: EventAction | null;
  /** Whether the bus is to hear of the event, where this write makes it: then it comes into the outbox of events. */
  isAwaited: boolean;
  /** ms since 1970. An event that has expired by now is treated as missing. */
  now: number;
  /** ms since 1970. An event expires by its report that was received first, so a later time has no effect on it. */
  expiresAt: number;
}

export interface Written {
  /**
   * `merged`: the first report of its kind joined the event. `filled`: a repeat brought what the held report lacked.
   * `duplicate`: a repeat brought nothing. `conflict`: the event holds another passing by a report of this kind; nothing
   * was written.
   */
  outcome: "created" | "merged" | "filled" | "duplicate" | "conflict";
  /** Whether this write enqueued the action. Of any number of equal writes exactly one gets true. */
  enqueued: boolean;
  /** The event after the write, where this write made it or enqueued its action; else null. */
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
 * The events that wait until the bus has heard that they were recorded. An event comes there with the write that makes
 * it (`Upsert.isAwaited`), and goes by `markAnnounced`, or where it expires or is erased.
 */
export interface EventOutbox {
  /** Takes an event out. Changes nothing where it is not there. */
  markAnnounced(eventId: string): Promise<void>;
  /**
   * Leases events until `until` (ms) that were made at `before` (ms) or earlier and that nobody has leased. Of any number
   * of callers at once exactly one gets each event.
   */
  lease(pending: { before: number; until: number; limit: number }): Promise<StoredEvent[]>;
}
