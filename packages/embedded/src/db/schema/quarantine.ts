/** Reports that were not understood, or not stored as an event completely. */
export const quarantineTables = `
  CREATE TABLE quarantine (
    id TEXT PRIMARY KEY,
    box TEXT NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    headers TEXT NOT NULL,
    event_id TEXT,
    event_fingerprint TEXT,
    bytes INTEGER NOT NULL,
    -- Empty if the body is in quarantine_pieces.
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX quarantine_by_box ON quarantine (box, received_at, id, bytes);
  CREATE INDEX quarantine_by_time ON quarantine (received_at, id);
  CREATE INDEX quarantine_by_event ON quarantine (event_id) WHERE event_id IS NOT NULL;
  CREATE INDEX quarantine_by_group ON quarantine (box, reason, path, received_at, bytes);

  -- The body of a large record.
  CREATE TABLE quarantine_pieces (
    quarantine_id TEXT NOT NULL REFERENCES quarantine ON DELETE CASCADE,
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (quarantine_id, number)
  ) STRICT;

  -- The events of the other reports of a batch that is kept as a whole.
  CREATE TABLE quarantine_events (
    event_id TEXT NOT NULL,
    quarantine_id TEXT NOT NULL REFERENCES quarantine ON DELETE CASCADE,
    PRIMARY KEY (event_id, quarantine_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX quarantine_events_by_record ON quarantine_events (quarantine_id);

  -- The shapes of records with an unknown shape.
  CREATE TABLE quarantine_shapes (
    quarantine_id TEXT PRIMARY KEY REFERENCES quarantine ON DELETE CASCADE,
    box TEXT NOT NULL,
    shape TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX quarantine_shapes_by_box ON quarantine_shapes (box, shape);

  CREATE TABLE quarantine_dropped (box TEXT PRIMARY KEY, records INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * Version 15: each record has a shape, whether a time and a person were found in it, and how many others of its shape were
 * dropped of which it is the oldest that is here.
 */
export const shapeColumns = `
  ALTER TABLE quarantine_shapes ADD COLUMN is_passing INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE quarantine_shapes ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
  INSERT INTO quarantine_shapes (quarantine_id, box, shape)
    SELECT id, box, reason || ' ' || path FROM quarantine WHERE true ON CONFLICT DO NOTHING;
  CREATE INDEX quarantine_shapes_dropped ON quarantine_shapes (quarantine_id, dropped) WHERE dropped > 0;
`;
