/** The place of each picture, and the events that show it. A row exists only once its bytes were synced. */
export const pictureTables = `
  CREATE TABLE pictures (
    month TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    position INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    -- Null: its bytes are in the pack. Missing: the pack ends before them. Damaged: other bytes are in their place.
    lost TEXT CHECK (lost IN ('missing', 'damaged')),
    -- The first event that shows it. It stays if the event is removed: numbers of events are not used again.
    first_event INTEGER,
    PRIMARY KEY (month, sha256)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX pictures_lost ON pictures (month) WHERE lost IS NOT NULL;

  -- The events after the first that show a picture. Scenes and faces are shown by one event each, so rows are few.
  CREATE TABLE further_events (
    month TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (month, sha256, event)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER pictures_are_shown_no_more AFTER DELETE ON events WHEN old.pictures IS NOT NULL BEGIN
    DELETE FROM further_events WHERE event = old.made
      AND (month, sha256) IN (SELECT value ->> 0, value ->> 1 FROM json_each(old.pictures));
  END;
  -- An event never names a picture that does not exist.
  CREATE TRIGGER shown_pictures_stay BEFORE DELETE ON pictures
  WHEN EXISTS (SELECT 1 FROM further_events WHERE month = old.month AND sha256 = old.sha256)
    OR EXISTS (SELECT 1 FROM events WHERE made = old.first_event) BEGIN
    SELECT RAISE(ABORT, 'an event shows this picture');
  END;

  -- Pictures that were lost or found and whose events are not flagged yet.
  CREATE TABLE pictures_changed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    month TEXT NOT NULL,
    sha256 TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER pictures_lost_or_found AFTER UPDATE OF lost ON pictures
  WHEN (old.lost IS NULL) <> (new.lost IS NULL) BEGIN
    INSERT INTO pictures_changed (month, sha256) VALUES (new.month, new.sha256);
  END;

  -- Bytes that must be overwritten: their row is removed, their place is not zero yet.
  CREATE TABLE erasures (
    month TEXT NOT NULL,
    position INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (month, position)
  ) STRICT, WITHOUT ROWID;
`;

/** Version 13: days for which scenes are kept. Null: as their events. */
export const sceneDaysColumn = `
  ALTER TABLE retention_days ADD COLUMN scene_days INTEGER;
`;
