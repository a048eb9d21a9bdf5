/** The events that a person has seen: when one did first. */
export const seen = `
  CREATE TABLE seen (
    event_id TEXT PRIMARY KEY REFERENCES events ON DELETE CASCADE,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
