/** Names in a WHERE clause of an index: it has only events that were put into the indexes. */
const listed = "WHERE is_indexed = 1";
const listedWith = (column: string) => `WHERE is_indexed = 1 AND ${column} IS NOT NULL`;

const buckets = Array.from({ length: 20 }, (_, bucket) => `match_${bucket}`);
const startOf = (row: string) => `${row}time - ${row}time % 1800000`;
const count = `
    INSERT INTO half_hours (box, start, type, count, ${buckets.join(", ")})
    VALUES (new.box, ${startOf("new.")}, new.person_type, 1,
      ${buckets.map((_, bucket) => `new.match_bucket IS ${bucket}`).join(", ")})
    ON CONFLICT DO UPDATE SET count = count + 1,
      ${buckets.map((name) => `${name} = ${name} + excluded.${name}`).join(",\n      ")};`;
const ofOld = `box = old.box AND start = ${startOf("old.")} AND type = old.person_type`;

const dropTexts = `
    DELETE FROM texts WHERE id IN (old.person_text, old.place_text)
      AND NOT EXISTS (SELECT 1 FROM events WHERE is_indexed = 1 AND person_text = texts.id)
      AND NOT EXISTS (SELECT 1 FROM events WHERE is_indexed = 1 AND place_text = texts.id)
      AND NOT EXISTS (SELECT 1 FROM events WHERE made > (SELECT made FROM indexed_events)
        AND texts.id IN (person_text, place_text));`;

/**
 * Events and their reports in the order in which they were made, and indexes that get new events many at once. Clustered
 * by the random id of the event, each report changed a page somewhere in the middle of some twenty tables and indexes.
 */
export const eventsInOrder = `
  -- Up to which event all are in the indexes. Those made since are few, and are looked through one by one.
  CREATE TABLE indexed_events (made INTEGER NOT NULL) STRICT;
  INSERT INTO indexed_events SELECT coalesce(max(made), 0) FROM events;

  CREATE TABLE events_in_order (
    -- Where it was made in the order of revisions.
    made INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    is_indexed INTEGER NOT NULL,
    box TEXT NOT NULL,
    is_twin INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- Rises with every change of any event, and is never used again. It is made while nothing has changed.
    revision INTEGER NOT NULL,
    -- What events are looked up by, as merged from the reports.
    time INTEGER NOT NULL,
    device_id TEXT,
    endpoint TEXT,
    ip TEXT,
    person TEXT,
    person_type TEXT NOT NULL,
    want_action TEXT,
    other_action TEXT,
    search TEXT NOT NULL,
    -- Rows of texts. No foreign keys: these would look through all events for each text that goes.
    person_text INTEGER,
    place_text INTEGER,
    match_bucket INTEGER
  ) STRICT;
  INSERT INTO events_in_order
    SELECT made, id, 1, box, is_twin, expires_at, revision, time, device_id, endpoint, ip, person, person_type,
      want_action, other_action, search, person_text, place_text, match_bucket
    FROM events ORDER BY made;
  CREATE UNIQUE INDEX events_by_id ON events_in_order (id);

  -- Its id is that of the event, made, times 8, and a number of the kind. A trigger removes it with its event.
  CREATE TABLE reports_of_events (
    id INTEGER PRIMARY KEY,
    signature TEXT NOT NULL,
    report TEXT NOT NULL
  ) STRICT;
  INSERT INTO reports_of_events
    SELECT made * 8 + CASE kind
      WHEN 'realtime' THEN 0 WHEN 'history' THEN 1 WHEN 'pass-record' THEN 2 WHEN 'live' THEN 3 WHEN 'backfill' THEN 4
      ELSE 7 END, signature, report
    FROM reports CROSS JOIN events_in_order ON events_in_order.id = reports.event_id;

  -- An event never names a picture that is not there.
  CREATE TABLE pictures_of_events (
    event INTEGER NOT NULL REFERENCES events_in_order ON DELETE CASCADE,
    month TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (event, month, sha256),
    FOREIGN KEY (month, sha256) REFERENCES pictures
  ) STRICT, WITHOUT ROWID;
  INSERT INTO pictures_of_events
    SELECT made, month, sha256 FROM event_pictures CROSS JOIN events_in_order ON id = event_id ORDER BY 1, 2, 3;

  -- The others say by its id which event they are of.
  CREATE TABLE flags_of_events (
    event_id TEXT NOT NULL REFERENCES events_in_order (id) ON DELETE CASCADE,
    flag TEXT NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (event_id, flag)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO flags_of_events SELECT event_id, flag, time FROM event_flags;

  CREATE TABLE actions_of_events (
    id TEXT PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events_in_order (id) ON DELETE CASCADE,
    want_action TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    at INTEGER NOT NULL,
    -- Until then a pending action is held by a sweep.
    held_until INTEGER NOT NULL DEFAULT 0,
    -- The last order of an action, as JSON; null where there was none.
    approval TEXT,
    -- Whether somebody still has to do it.
    is_ordered INTEGER NOT NULL DEFAULT 0,
    UNIQUE (event_id, want_action)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO actions_of_events
    SELECT id, event_id, want_action, state, reason, at, held_until, approval, is_ordered FROM actions;
  CREATE TABLE changes_of_actions (
    action_id TEXT NOT NULL REFERENCES actions_of_events ON DELETE CASCADE,
    -- Rises with each change of the action.
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT,
    key_id TEXT,
    decision TEXT,
    PRIMARY KEY (action_id, number)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO changes_of_actions SELECT action_id, number, state, at, reason, key_id, decision FROM action_changes;
  CREATE TABLE seen_events (
    event_id TEXT PRIMARY KEY REFERENCES events_in_order (id) ON DELETE CASCADE,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO seen_events SELECT event_id, at FROM seen;

  CREATE TABLE deliveries_of_events (
    -- Also the order of delivery, and never used again.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    detail_type TEXT NOT NULL,
    -- Null for an entry that is about a box.
    event_id TEXT REFERENCES events_in_order (id) ON DELETE CASCADE,
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
    -- What a target answered to the last try, after how many ms, and when it was. Null before the first.
    status INTEGER,
    ms INTEGER,
    tried_at INTEGER,
    UNIQUE (rule, entry_id)
  ) STRICT;
  INSERT INTO deliveries_of_events
    SELECT id, rule, entry_id, detail_type, event_id, state, envelope, since, due_at, tries, reason, ended_at, is_aside,
      refusals, refused_at, tried_with, is_too_late, status, ms, tried_at
    FROM deliveries;
  -- The numbers of entries whose events are gone are not used again either.
  INSERT INTO sqlite_sequence (name, seq)
    SELECT 'deliveries_of_events', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'deliveries_of_events');
  UPDATE sqlite_sequence SET seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'), 0)
    WHERE name = 'deliveries_of_events';

  -- First what refers to events, so that nothing goes with them.
  DROP TABLE reports;
  DROP TABLE event_flags;
  DROP TABLE event_pictures;
  DROP TABLE action_changes;
  DROP TABLE actions;
  DROP TABLE seen;
  DROP TABLE deliveries;
  DROP TABLE events;
  ALTER TABLE events_in_order RENAME TO events;
  ALTER TABLE reports_of_events RENAME TO reports;
  ALTER TABLE flags_of_events RENAME TO event_flags;
  ALTER TABLE pictures_of_events RENAME TO event_pictures;
  ALTER TABLE actions_of_events RENAME TO actions;
  ALTER TABLE changes_of_actions RENAME TO action_changes;
  ALTER TABLE seen_events RENAME TO seen;
  ALTER TABLE deliveries_of_events RENAME TO deliveries;

  CREATE INDEX events_by_time ON events (time, id) ${listed};
  CREATE INDEX events_by_box ON events (box, time, id) ${listed};
  CREATE INDEX events_by_type ON events (person_type, time, id) ${listed};
  CREATE INDEX events_by_expiry ON events (expires_at) ${listed};
  CREATE INDEX events_by_box_device ON events (box, coalesce(device_id, endpoint, ip)) ${listed};
  CREATE INDEX events_by_person ON events (person, time, id) ${listedWith("person")};
  CREATE INDEX events_by_action ON events (want_action, time, id) ${listedWith("want_action")};
  CREATE INDEX events_by_other_action ON events (other_action, time, id) ${listedWith("other_action")};
  CREATE INDEX events_by_device_id ON events (device_id, time, id) ${listedWith("device_id")};
  CREATE INDEX events_by_endpoint ON events (endpoint, time, id) ${listedWith("endpoint")};
  CREATE INDEX events_by_ip ON events (ip, time, id) ${listedWith("ip")};
  CREATE INDEX events_by_person_text ON events (person_text, time, id) ${listedWith("person_text")};
  CREATE INDEX events_by_place_text ON events (place_text, time, id) ${listedWith("place_text")};
  CREATE UNIQUE INDEX events_by_change ON events (revision) WHERE revision <> made;
  CREATE INDEX event_flags_by_flag ON event_flags (flag, time, event_id);
  CREATE INDEX event_pictures_by_picture ON event_pictures (month, sha256);
  CREATE INDEX actions_by_time ON actions (at, id);
  CREATE INDEX actions_by_state ON actions (state, at, id);
  CREATE INDEX actions_ordered ON actions (at, id) WHERE is_ordered = 1;
  CREATE INDEX deliveries_waiting ON deliveries (rule, is_aside, id) WHERE state = 'waiting';
  CREATE INDEX deliveries_aside ON deliveries (rule, due_at, id) WHERE state = 'waiting' AND is_aside = 1;
  CREATE INDEX deliveries_dead ON deliveries (ended_at, id) WHERE state = 'dead';
  CREATE INDEX deliveries_by_event ON deliveries (event_id);
  CREATE INDEX deliveries_of_boxes ON deliveries (since) WHERE event_id IS NULL;
  CREATE INDEX deliveries_tried ON deliveries (rule, tried_at) WHERE tried_at IS NOT NULL;

  CREATE TRIGGER reports_go_with_events AFTER DELETE ON events BEGIN
    DELETE FROM reports WHERE id BETWEEN old.made * 8 AND old.made * 8 + 7;
  END;
  CREATE TRIGGER texts_go_with_events AFTER DELETE ON events BEGIN${dropTexts}
  END;
  CREATE TRIGGER texts_go_with_changes AFTER UPDATE OF person_text, place_text ON events
  WHEN (old.person_text IS NOT NULL AND old.person_text IS NOT new.person_text)
    OR (old.place_text IS NOT NULL AND old.place_text IS NOT new.place_text) BEGIN${dropTexts}
  END;
  CREATE TRIGGER events_are_counted AFTER INSERT ON events WHEN new.box <> 'gatepost-check' BEGIN${count}
  END;
  CREATE TRIGGER counts_move_with_events AFTER UPDATE OF time, person_type, match_bucket ON events
  WHEN new.box <> 'gatepost-check'
    AND (${startOf("old.")}, old.person_type, old.match_bucket) IS NOT (${startOf("new.")}, new.person_type, new.match_bucket) BEGIN
    UPDATE half_hours SET count = count - 1,
      ${buckets.map((name, bucket) => `${name} = ${name} - (old.match_bucket IS ${bucket})`).join(",\n      ")}
    WHERE ${ofOld};
    DELETE FROM half_hours WHERE ${ofOld} AND count <= 0;${count}
  END;
`;
