/** What one key has delivered on one day. */
export interface DailyUsage {
  /** Days since 1970-01-01, UTC. */
  day: number;
  bytes: number;
}

export interface KeyUsage {
  /** What was noted last of a key; null where nothing was. */
  read(keyId: string): Promise<DailyUsage | null>;
  /** Notes what a key has delivered. Never throws: a failure is logged, and the next note has it all. */
  note(keyId: string, usage: DailyUsage): Promise<void>;
}
