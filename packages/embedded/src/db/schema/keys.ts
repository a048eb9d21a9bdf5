/** Keys, and the audit log of their use. */
export const keyTables = `
  CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    -- The box of an ingest key.
    box TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER,
    -- Limits of an ingest key: reports a second, reports at once, bytes a day. Null: no limit.
    rate REAL,
    burst INTEGER,
    daily_bytes INTEGER,
    -- The last day of deliveries, in days since 1970, and their bytes.
    used_day INTEGER,
    used_bytes INTEGER,
    note TEXT,
    expires_at INTEGER,
    -- The boxes that a read key sees, as a list in JSON; null if it sees every box.
    boxes TEXT,
    -- The site whose boxes a read key sees, whichever these are at the time.
    site TEXT
  ) STRICT, WITHOUT ROWID;

  -- A chain: each entry has the hash of the one before. An entry is never changed, and is removed only when it is old.
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_time ON audit (at);
  CREATE TRIGGER audit_is_only_appended_to BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'an entry of the audit log cannot be changed');
  END;

  -- A copy of the last entry of the chain: it shows whether the end was cut off.
  CREATE TABLE audit_head (one INTEGER PRIMARY KEY CHECK (one = 1), record TEXT NOT NULL) STRICT;

  -- Pictures that a key read in an hour (since 1970) that has not ended, or whose entry is not written yet.
  CREATE TABLE picture_reads (
    hour INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    pictures INTEGER NOT NULL,
    PRIMARY KEY (hour, key_id)
  ) STRICT, WITHOUT ROWID;
`;
