/** What was erased and may come again. */
export const suppression = `
  -- The key of the names below. It is in every backup, as they are.
  INSERT INTO secrets VALUES ('suppression', randomblob(32));

  -- A name is a keyed hash of a person, or of an event. Box is null where it counts at every one.
  CREATE TABLE suppressed (name TEXT PRIMARY KEY, box TEXT, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX suppressed_by_box ON suppressed (box, at, name);
  CREATE INDEX suppressed_by_time ON suppressed (at);
`;
