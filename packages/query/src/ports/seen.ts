/**
 * Which events a person has seen. It is kept beside the event, gone with it, and no part of it: neither its revision nor
 * the feed of changes tells.
 */
export interface SeenMarks {
  /** Notes that somebody has seen an event. False where there is none. To note it twice changes nothing. */
  mark(eventId: string): Promise<boolean>;
  /** Those of these events that somebody has seen. */
  among(eventIds: readonly string[]): Promise<ReadonlySet<string>>;
}
