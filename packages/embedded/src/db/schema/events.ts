/** Names in a WHERE clause of an index: it has only events that were put into the indexes. */
const listed = "WHERE is_indexed = 1";
const listedWith = (column: string) => `WHERE is_indexed = 1 AND ${column} IS NOT NULL`;

/**
 * Events and their reports, in the order in which events are created. The id of an event is random: clustered by it, each
 * report would change a page in the middle of every table and index.
 */
export const eventTables = `
  CREATE TABLE events (
    -- Its place in the order of revisions.
    made INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    is_indexed INTEGER NOT NULL,
    box TEXT NOT NULL,
    is_twin INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- Rises with every change of any event, and is never used again. Equal to made until the first change.
    revision INTEGER NOT NULL,
    -- The values by which events are looked up, as merged from the reports.
    time INTEGER NOT NULL,
    device_id TEXT,
    endpoint TEXT,
    ip TEXT,
    person TEXT,
    person_type TEXT NOT NULL,
    want_action TEXT,
    -- The action of an event that want_action does not show. There are two actions, and an event with any shows one.
    other_action TEXT,
    search TEXT NOT NULL,
    -- Rows of texts. No foreign keys: these would look through all events for each text that is removed.
    person_text INTEGER,
    place_text INTEGER,
    -- The match score in twentieths of its scale, from 0 to 19; null if there is none.
    match_bucket INTEGER,
    -- All pictures of its reports, [[month, sha256], ...] as JSON; null if there is none.
    pictures TEXT
  ) STRICT;
  CREATE UNIQUE INDEX events_by_id ON events (id);
  CREATE UNIQUE INDEX events_by_change ON events (revision) WHERE revision <> made;
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

  -- The last event that is in the indexes, and all before it are. Later ones are few, and are searched one by one.
  CREATE TABLE indexed_events (made INTEGER NOT NULL) STRICT;
  INSERT INTO indexed_events VALUES (0);

  CREATE TABLE last_revision (revision INTEGER NOT NULL) STRICT;
  INSERT INTO last_revision VALUES (0);

  -- Its id is the number of the event, made, times 8, plus a number of the kind.
  CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    report TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER reports_go_with_events AFTER DELETE ON events BEGIN
    DELETE FROM reports WHERE id BETWEEN old.made * 8 AND old.made * 8 + 7;
  END;

  CREATE TABLE event_flags (
    event_id TEXT NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    flag TEXT NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (event_id, flag)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_flags_by_flag ON event_flags (flag, time, event_id);

  -- A seen mark is an item. It is removed with its event.
  CREATE TRIGGER seen_marks_go_with_events AFTER DELETE ON events BEGIN
    DELETE FROM items WHERE pk = 'seen ' || old.id;
  END;

  -- The events that wait to be announced as recorded.
  CREATE TABLE event_outbox (
    made INTEGER PRIMARY KEY REFERENCES events ON DELETE CASCADE,
    at INTEGER NOT NULL,
    -- Until then it is held by a sweep.
    held_until INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`;

/**
 * Version 9: whether the door opened, by which events are found. It is null in events without a result, and in granted ones
 * of earlier builds, until a report changes them. Denied ones of earlier builds have a flag.
 */
export const resultColumn = `
  ALTER TABLE events ADD COLUMN result TEXT;
  UPDATE events SET result = 'denied' WHERE id IN (SELECT event_id FROM event_flags WHERE flag = 'denied');
  CREATE INDEX events_by_result ON events (result, time, id) WHERE is_indexed = 1 AND result IS NOT NULL;
`;
