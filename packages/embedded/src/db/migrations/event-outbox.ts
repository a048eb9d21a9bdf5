/** The events that wait to be announced as recorded. */
export const eventOutbox = `
  CREATE TABLE event_outbox (
    made INTEGER PRIMARY KEY REFERENCES events ON DELETE CASCADE,
    at INTEGER NOT NULL,
    -- Until then it is held by a sweep.
    held_until INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`;
