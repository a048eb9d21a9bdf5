/** How far the signs of boxes are noted. Their records are items. */
export const boxTables = `
  -- Up to which revision of events, and which receipt of notices, the signs of boxes are noted: one row. The zone is that
  -- of the hours of pauses, null before the first is noted.
  CREATE TABLE boxes_noted (revision INTEGER NOT NULL, received_at INTEGER NOT NULL, zone TEXT) STRICT;
  INSERT INTO boxes_noted VALUES (0, 0, NULL);
`;
