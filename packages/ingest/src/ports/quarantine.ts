/** An authenticated report, or a part of one, that was not understood or could not be stored as an event completely. */
export interface QuarantineRecord {
  /** Equal for equal content of one box, so a repeated report is kept once. */
  id: string;
  box: string;
  /** The path without the key. */
  path: string;
  reason: string;
  /** ms since 1970. */
  receivedAt: number;
  headers: Record<string, string>;
  body: Uint8Array;
  /** The event that was made of what was understood. */
  event: { id: string; fingerprint: string } | null;
  /**
   * Of a batch that is kept as a whole, the ids of the events that were made of its other reports. It is written and
   * never read: an erasure of one of these events removes the record.
   */
  eventsOfBatch?: readonly string[];
  /**
   * A name for the members of a report whose shape is not known. It is written and never read: of each shape, a box has
   * only some records.
   */
  shape?: string;
}

/**
 * The reason of a record that is the rest of a long batch, and waits for its job. Such a record does not count towards
 * the limit of its box, and is never removed to make room.
 */
export const batchTooLong = "batch-too-long";

/** The reason of such a record after its job has ended without it. It counts as any other record. */
export const batchNotReplayed = "batch-not-replayed";

export interface Quarantine {
  /**
   * Resolves once the record is durable. Of a record that exists already only the reason and the event are replaced,
   * and further events of its batch are added. An expired record is treated as missing. Each box has a limit: the
   * oldest records are removed first, and counted. Of one shape the oldest and the newest records are kept, and the
   * others are counted as removed, unless something was made of them since. Throws 503 if too many long batches of the box wait for their jobs.
   */
  put(record: QuarantineRecord): Promise<void>;
}
