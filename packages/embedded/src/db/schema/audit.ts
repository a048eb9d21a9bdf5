/** The audit log of what keys did. */
export const auditTables = `
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
