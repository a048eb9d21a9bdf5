/**
 * An event lists its pictures in its own row, and the row of a picture names the first event that shows it. Only further
 * events have a row each, so that they are found by the picture: scenes and faces are shown by one event each, and entries
 * of them, at random places, were a quarter of the pages that a report changed.
 */
export const firstEvents = `
  -- All pictures that its reports brought, [[month, sha256], ...] as JSON; null where there is none.
  ALTER TABLE events ADD COLUMN pictures TEXT;
  UPDATE events SET pictures = (SELECT json_group_array(json_array(month, sha256)) FROM event_pictures WHERE event = made)
    WHERE made IN (SELECT event FROM event_pictures);

  -- It stays when its event goes: numbers of events are not used again. Null where no event has shown the picture since
  -- there is this column; those before are all among the further ones.
  ALTER TABLE pictures ADD COLUMN first_event INTEGER;

  CREATE TABLE further_events (
    month TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (month, sha256, event)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO further_events SELECT month, sha256, event FROM event_pictures ORDER BY 1, 2, 3;
  DROP TABLE event_pictures;

  CREATE TRIGGER pictures_are_shown_no_more AFTER DELETE ON events WHEN old.pictures IS NOT NULL BEGIN
    DELETE FROM further_events WHERE event = old.made
      AND (month, sha256) IN (SELECT value ->> 0, value ->> 1 FROM json_each(old.pictures));
  END;
  -- An event never names a picture that is not there.
  CREATE TRIGGER shown_pictures_stay BEFORE DELETE ON pictures
  WHEN EXISTS (SELECT 1 FROM further_events WHERE month = old.month AND sha256 = old.sha256)
    OR EXISTS (SELECT 1 FROM events WHERE made = old.first_event) BEGIN
    SELECT RAISE(ABORT, 'an event shows this picture');
  END;
`;
