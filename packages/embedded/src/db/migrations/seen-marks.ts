/** Marks of events that a person has seen are items. Each is removed with its event, in the same transaction. */
export const seenMarks = `
  INSERT INTO items (pk, item)
    SELECT 'seen ' || event_id, json_object('box', box, 'seenAt', at) FROM seen JOIN events ON events.id = event_id;
  DROP TABLE seen;
  CREATE VIEW seen AS
    SELECT substr(pk, 6) AS event_id, item ->> 'box' AS box, item ->> 'seenAt' AS at
    FROM items WHERE pk GLOB 'seen *';
  CREATE TRIGGER seen_marks_go_with_events AFTER DELETE ON events BEGIN
    DELETE FROM items WHERE pk = 'seen ' || old.id;
  END;
`;
