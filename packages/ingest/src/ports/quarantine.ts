/** An authenticated report, or a part of one, that could not be understood or not wholly be kept. */
export interface QuarantineRecord {
  /** Equal for equal content of one box, so that a repeated report is kept once. */
  id: string;
  box: string;
  /** The path without the key. */
  path: string;
  reason: string;
  /** ms since 1970. */
  receivedAt: number;
  headers: Record<string, string>;
  body: Uint8Array;
  /** The event that was made of what could be understood. */
  event: { id: string; fingerprint: string } | null;
}

export interface Quarantine {
  /**
   * Resolves once the record is durable; one that is kept already only takes the new reason and event. What has expired
   * counts as absent. Bounded per box: the oldest go first and are counted.
   */
  put(record: QuarantineRecord): Promise<void>;
}
