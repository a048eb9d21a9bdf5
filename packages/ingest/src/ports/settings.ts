export interface Settings {
  /** Days from the first receipt of an event to its expiry. Nothing else that a box sent is kept longer. */
  retentionDays: number;
  /** Whether feature vectors, which are biometric data, are kept in `extra`. */
  keepFeatures: boolean;
  /** The box of reports without a key; null where every report needs a key. */
  openBox: string | null;
  /** Whether every new event is put on the bus, also one that asks for no action. */
  announceEvents: boolean;
}
