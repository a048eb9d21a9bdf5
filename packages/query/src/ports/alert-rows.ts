/** A row of what alerts remember: JSON, and a version that each write raises. */
export interface AlertRow {
  value: unknown;
  version: number;
}

/** What alerts remember over a restart. A row that has outlived `until` is treated as missing. */
export interface AlertRows {
  /** Those of the rows that exist, by their names. */
  get(names: readonly string[]): Promise<ReadonlyMap<string, AlertRow>>;
  /**
   * Writes a row, durably. False where it is not the version any more that was read; 0 stands for none.
   *
   * @param until ms since 1970
   */
  put(name: string, value: object, { version, until }: { version: number; until: number }): Promise<boolean>;
}
