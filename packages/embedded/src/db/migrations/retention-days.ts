/** Days for which events and quarantine are kept, where somebody has set them, and whether all events go by them yet. */
export const retentionDays = `
  CREATE TABLE retention_days (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    event_days INTEGER NOT NULL,
    quarantine_days INTEGER NOT NULL,
    is_applied INTEGER NOT NULL
  ) STRICT;
`;
