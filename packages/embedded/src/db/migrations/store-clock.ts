/** What the clock of the machine said last while the store was served. One row; none before that. */
export const storeClock = `
  CREATE TABLE store_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    noted_at INTEGER NOT NULL,
    -- Where the clock was set far ahead: what was noted before, and ms that it is still served without removing anything.
    before INTEGER,
    held_ms INTEGER NOT NULL
  ) STRICT;
  INSERT INTO store_clock SELECT 1, json_extract(reception, '$.until'), NULL, 0 FROM reception;
`;
