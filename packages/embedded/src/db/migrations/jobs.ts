/** Jobs: what was asked for, how far it is, what came of it, as JSON. One that has ended holds nothing of a person. */
export const jobs = `
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    -- How often it was written.
    step INTEGER NOT NULL,
    -- Whether there is something left to do, or a result that is to be removed.
    is_open INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    job TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX jobs_open ON jobs (created_at, id) WHERE is_open = 1;
  CREATE INDEX jobs_by_time ON jobs (created_at);
`;
