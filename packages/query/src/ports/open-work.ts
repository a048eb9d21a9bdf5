/** Which work is counted. */
export interface WorkFilter {
  /** Only that of these boxes; null for every box. */
  boxes: readonly string[] | null;
  /** Only what came at this time (ms) or later; null for all. */
  since: number | null;
}

/** The states of actions that still need somebody. */
export const openStates = ["pending", "announced", "failed"] as const;
export type OpenActions = Record<(typeof openStates)[number], number>;

/** Counts what waits for somebody. A store that would have to read too much stops at 1,000 of each. */
export interface OpenWork {
  /** Actions that nobody has done, by their state. */
  actions(filter: Pick<WorkFilter, "boxes">): Promise<OpenActions>;
  /** Records in quarantine. */
  quarantined(filter: WorkFilter): Promise<number>;
  /** Dead letters; null where the bus keeps its own. */
  deadLetters(filter: WorkFilter): Promise<number | null>;
}
