/**
 * Version 9: whether the door opened, by which events are found. It is null in events without a result, and in granted ones
 * of earlier builds, until a report changes them. Denied ones of earlier builds have a flag.
 */
export const resultColumn = `
  ALTER TABLE events ADD COLUMN result TEXT;
  UPDATE events SET result = 'denied' WHERE id IN (SELECT event_id FROM event_flags WHERE flag = 'denied');
  CREATE INDEX events_by_result ON events (result, time, id) WHERE is_indexed = 1 AND result IS NOT NULL;
`;
