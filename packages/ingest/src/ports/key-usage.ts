/** What one key has delivered on one day. */
export interface DailyUsage {
  /** Days since 1970-01-01, UTC. */
  day: number;
  bytes: number;
}

export interface KeyUsage {
  /** The last note about a key; null where there is none. */
  read(keyId: string): Promise<DailyUsage | null>;
  /**
   * Notes what a key has delivered on the day so far. Never throws: a failure is logged, and the next note replaces
   * this one.
   */
  note(keyId: string, usage: DailyUsage): Promise<void>;
}
