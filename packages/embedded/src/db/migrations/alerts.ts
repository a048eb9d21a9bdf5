/** What alerts remember: cooldowns, mutes, how much each channel took, and what waits to be told of together. */
export const alerts = `
  CREATE TABLE alert_rows (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- A row that has outlived this is treated as missing.
    until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX alert_rows_by_end ON alert_rows (until);

  -- Why a person was not told of an entry by itself. Its state is 'delivered'.
  ALTER TABLE deliveries ADD COLUMN held TEXT;
`;
