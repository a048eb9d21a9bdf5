/** What is known of boxes, and entries of the bus that are about a box and not about an event. */
export const boxesMigration = `
  -- One row a box: what its signs add up to, whether it is silent, and what a person has set, as JSON.
  CREATE TABLE boxes (
    box TEXT PRIMARY KEY,
    -- Rises with each write.
    rev INTEGER NOT NULL,
    -- When to look at it again; null where there is nothing to look for.
    look_at INTEGER,
    is_silent INTEGER NOT NULL,
    -- Its last sign of life; null before the first.
    last_seen INTEGER,
    site TEXT,
    record TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX boxes_due ON boxes (look_at) WHERE look_at IS NOT NULL;
  CREATE INDEX boxes_by_state ON boxes (is_silent, box);
  CREATE INDEX boxes_by_site ON boxes (site, box) WHERE site IS NOT NULL;

  -- The longest pause between two signs of a box, or of a device of it, by the hour that it touched: hours of the
  -- deployment's zone since 1970. The device of the box itself is ''.
  CREATE TABLE box_pauses (
    box TEXT NOT NULL,
    device TEXT NOT NULL,
    hour INTEGER NOT NULL,
    longest INTEGER NOT NULL,
    PRIMARY KEY (box, device, hour)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX box_pauses_by_hour ON box_pauses (hour);

  -- When Gatepost received, as JSON: one row.
  CREATE TABLE reception (id INTEGER PRIMARY KEY CHECK (id = 1), reception TEXT NOT NULL) STRICT;

  -- Up to which revision of events, and which receipt of notices, the signs of boxes are noted: one row.
  CREATE TABLE boxes_noted (revision INTEGER NOT NULL, received_at INTEGER NOT NULL) STRICT;
  INSERT INTO boxes_noted SELECT revision, 0 FROM last_revision;

  -- Boxes that sent before this table was there: their first and last passing stand for their first and last sign.
  INSERT INTO boxes (box, rev, look_at, is_silent, last_seen, record)
    SELECT box, 1, 0, 0, max(time), json_object(
      'box', box,
      'activity', json_object(
        'life', json_object('first', min(time), 'last', max(time), 'pauses', json('{}')),
        'kinds', json('{}'), 'clock', NULL, 'days', json('{}'), 'devices', json('{}')),
      'silentSince', NULL, 'isAnnounced', json('false'), 'recoveredAt', NULL, 'lookAt', 0,
      'devices', json('{}'), 'announcements', json('[]'), 'leasedUntil', 0,
      'site', NULL, 'afterMs', NULL, 'isExpected', json('false'))
    FROM events GROUP BY box;

  -- An entry may be about a box: then it has no event.
  CREATE TABLE deliveries_of_any (
    -- Also the order of delivery, and never used again.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    detail_type TEXT NOT NULL,
    event_id TEXT REFERENCES events ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    envelope TEXT,
    -- When it was put, or sent again; its day of tries begins then.
    since INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    -- Why the last try failed.
    reason TEXT,
    -- When it was delivered or given up.
    ended_at INTEGER,
    -- An entry that a target refused steps aside, so that those behind it in the queue pass it.
    is_aside INTEGER NOT NULL DEFAULT 0,
    -- How often the target refused it, and when it did first.
    refusals INTEGER NOT NULL DEFAULT 0,
    refused_at INTEGER,
    -- The digest of the rule as it was at the last try.
    tried_with TEXT,
    -- An entry that was too old for its rule ended without being sent.
    is_too_late INTEGER NOT NULL DEFAULT 0,
    UNIQUE (rule, entry_id)
  ) STRICT;
  INSERT INTO deliveries_of_any
    SELECT id, rule, entry_id, detail_type, event_id, state, envelope, since, due_at, tries, reason, ended_at, is_aside,
      refusals, refused_at, tried_with, is_too_late
    FROM deliveries;
  -- The numbers of entries whose events are gone are not used again either.
  INSERT INTO sqlite_sequence (name, seq)
    SELECT 'deliveries_of_any', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'deliveries_of_any');
  UPDATE sqlite_sequence SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'), 0)
    WHERE name = 'deliveries_of_any';
  DROP TABLE deliveries;
  ALTER TABLE deliveries_of_any RENAME TO deliveries;
  CREATE INDEX deliveries_waiting ON deliveries (rule, is_aside, id) WHERE state = 'waiting';
  CREATE INDEX deliveries_aside ON deliveries (rule, due_at, id) WHERE state = 'waiting' AND is_aside = 1;
  CREATE INDEX deliveries_dead ON deliveries (ended_at, id) WHERE state = 'dead';
  CREATE INDEX deliveries_by_event ON deliveries (event_id);
  CREATE INDEX deliveries_of_boxes ON deliveries (since) WHERE event_id IS NULL;
`;
