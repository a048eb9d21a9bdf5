import type { StoredEvent } from "@gatepost/protocol";

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
