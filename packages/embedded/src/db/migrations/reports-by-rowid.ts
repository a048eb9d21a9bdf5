/**
 * Reports in the order in which they came. Clustered by the id of their event, which is random, each was a change
 * somewhere in the middle of the table, with a page of its own behind it where it is long.
 */
export const reportsByRowid = `
  CREATE TABLE reports_in_order (
    id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,
    kind TEXT NOT NULL,
    signature TEXT NOT NULL,
    report TEXT NOT NULL,
    UNIQUE (event_id, kind)
  ) STRICT;
  INSERT INTO reports_in_order (event_id, kind, signature, report)
    SELECT event_id, kind, signature, report FROM reports;
  DROP TABLE reports;
  ALTER TABLE reports_in_order RENAME TO reports;
`;
