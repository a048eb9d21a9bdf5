/** What is known of erasures, besides what ingest needs. */
export interface ErasureLog {
  /** When (ms) a person was erased last at any of these boxes, or (null) at every one; null where that never was. */
  suppressedSince(person: string, boxes: readonly (string | null)[]): Promise<number | null>;
  /** A keyed hash of the id of a person, which stands for it in what is kept for longer. */
  subjectOf(person: string): Promise<string>;
  /** What no erasure reaches and when it is gone at the latest; null where nobody here knows. */
  agesOut(now: number): readonly { what: string; goneBy: number | null }[];
}
