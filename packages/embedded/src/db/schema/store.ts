/** The store itself: its secrets, its time, retention, erased names, and jobs. */
export const storeTables = `
  -- 'cursor' signs the cursors of readers. 'suppression' is the key of the names in suppressed. Both are in every backup.
  CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO secrets VALUES ('cursor', randomblob(32));
  INSERT INTO secrets VALUES ('suppression', randomblob(32));

  -- The believed time when the store was served last; no row before that.
  CREATE TABLE store_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    noted_at INTEGER NOT NULL,
    -- If the clock was set far ahead: the time before, and ms for which the store is still served without removals.
    -- noted_at is then the machine's time.
    before INTEGER,
    held_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE store_time (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- The machine's clock, and the earliest time that it may have been.
    machine INTEGER NOT NULL,
    earliest INTEGER NOT NULL,
    -- Whether the step far ahead was seen while the store was served.
    is_seen INTEGER NOT NULL,
    -- ms of serving since the clock was seen to be set, a day at most.
    steady_ms INTEGER NOT NULL,
    -- When the store was first served, until a day of serving has confirmed that time.
    first_served INTEGER
  ) STRICT;

  -- Events received up to the first of these times count as received at the second, when the clock had been set right.
  CREATE TABLE carried_over (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    before INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;

  -- Days for which events and quarantine are kept, if they were set, and whether all events follow them yet.
  CREATE TABLE retention_days (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    event_days INTEGER NOT NULL,
    quarantine_days INTEGER NOT NULL,
    is_applied INTEGER NOT NULL
  ) STRICT;

  -- Erased persons and events, which may be reported again. A name is a keyed hash. Box is null if it counts at every box.
  CREATE TABLE suppressed (name TEXT PRIMARY KEY, box TEXT, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX suppressed_by_box ON suppressed (box, at, name);
  CREATE INDEX suppressed_by_time ON suppressed (at);
`;

/** How far the signs of boxes are noted. Their records are items. */
export const boxTables = `
  -- Up to which revision of events, and which receipt of notices, the signs of boxes are noted: one row. The zone is that
  -- of the hours of pauses, null before the first is noted.
  CREATE TABLE boxes_noted (revision INTEGER NOT NULL, received_at INTEGER NOT NULL, zone TEXT) STRICT;
  INSERT INTO boxes_noted VALUES (0, 0, NULL);
`;
