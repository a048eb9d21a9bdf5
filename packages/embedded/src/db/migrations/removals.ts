/** Who was erased and is to go from the libraries of boxes, too. What has ended holds nobody's id. */
export const removals = `
  CREATE TABLE removals (
    id TEXT PRIMARY KEY,
    box TEXT NOT NULL,
    person TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX removals_waiting ON removals (at, id) WHERE state = 'waiting';
  CREATE INDEX removals_by_time ON removals (at);
`;
