/**
 * The schema, a step a version; a step that was released is never changed. Times are ms since 1970. A row exists only
 * for what is durable: a picture's row is written after its bytes were synced.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    box TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;

  -- What signs the cursors that were handed out.
  CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO secrets VALUES ('cursor', randomblob(32));

  CREATE TABLE pictures (
    month TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    position INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (month, sha256)
  ) STRICT, WITHOUT ROWID;

  -- Bytes that are to be overwritten: their row is gone, their place not yet zero.
  CREATE TABLE erasures (
    month TEXT NOT NULL,
    position INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (month, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    id TEXT PRIMARY KEY,
    box TEXT NOT NULL,
    is_twin INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- Rises with every change of any event, and is never used again.
    revision INTEGER NOT NULL,
    -- What events are looked up by, as merged from the reports.
    time INTEGER NOT NULL,
    device_id TEXT,
    endpoint TEXT,
    ip TEXT,
    person TEXT,
    person_type TEXT NOT NULL,
    want_action TEXT,
    search TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX events_by_time ON events (time, id);
  CREATE INDEX events_by_box ON events (box, time, id);
  CREATE INDEX events_by_person ON events (person, time, id) WHERE person IS NOT NULL;
  CREATE INDEX events_by_type ON events (person_type, time, id);
  CREATE INDEX events_by_action ON events (want_action, time, id) WHERE want_action IS NOT NULL;
  CREATE INDEX events_by_expiry ON events (expires_at);
  CREATE UNIQUE INDEX events_by_revision ON events (revision);

  CREATE TABLE last_revision (revision INTEGER NOT NULL) STRICT;
  INSERT INTO last_revision VALUES (0);

  CREATE TABLE event_flags (
    event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,
    flag TEXT NOT NULL,
    PRIMARY KEY (event_id, flag)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE reports (
    event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,
    kind TEXT NOT NULL,
    signature TEXT NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (event_id, kind)
  ) STRICT, WITHOUT ROWID;

  -- An event never names a picture that is not there.
  CREATE TABLE event_pictures (
    event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,
    month TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (event_id, month, sha256),
    FOREIGN KEY (month, sha256) REFERENCES pictures
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_pictures_by_picture ON event_pictures (month, sha256);

  CREATE TABLE actions (
    id TEXT PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,
    want_action TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    at INTEGER NOT NULL,
    -- Until then a pending action is held by a sweep.
    held_until INTEGER NOT NULL DEFAULT 0,
    UNIQUE (event_id, want_action)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX actions_by_time ON actions (at, id);
  CREATE INDEX actions_by_state ON actions (state, at, id);

  CREATE TABLE quarantine (
    id TEXT PRIMARY KEY,
    box TEXT NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    headers TEXT NOT NULL,
    event_id TEXT,
    event_signature TEXT,
    bytes INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX quarantine_by_box ON quarantine (box, received_at, id, bytes);
  CREATE INDEX quarantine_by_time ON quarantine (received_at, id);

  CREATE TABLE quarantine_dropped (box TEXT PRIMARY KEY, records INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
];
