/** Days for which events and quarantine are kept. */
export interface RetentionFacts {
  eventDays: number;
  quarantineDays: number;
}

export interface RetentionEditor {
  /** Durable once it resolves. Quarantine goes by it at once, events that are stored already within seconds. */
  set(days: RetentionFacts): Promise<void>;
}
