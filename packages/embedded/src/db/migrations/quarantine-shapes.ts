/** The shapes of records in quarantine whose shape is not known. */
export const quarantineShapes = `
  CREATE TABLE quarantine_shapes (
    quarantine_id TEXT PRIMARY KEY REFERENCES quarantine ON DELETE CASCADE,
    box TEXT NOT NULL,
    shape TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX quarantine_shapes_by_box ON quarantine_shapes (box, shape);
`;
