/**
 * What a store knows of the time besides its row in `store_clock`, where `noted_at` is the believed time; or `before`,
 * and then `noted_at` is the machine's. Of a store that an older version served last there is no row.
 */
export const believedTime = `
  CREATE TABLE store_time (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- The machine's clock, and the earliest time that it may have been.
    machine INTEGER NOT NULL,
    earliest INTEGER NOT NULL,
    -- Whether the step far ahead was seen while the store was served.
    is_seen INTEGER NOT NULL,
    -- ms of serving since the clock was seen to be set, a day at most.
    steady_ms INTEGER NOT NULL,
    -- When the store was first served, until a day of serving has confirmed that time.
    first_served INTEGER
  ) STRICT;

  -- Events received up to the first of these times count as received at the second, when the clock had been set right.
  CREATE TABLE carried_over (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    before INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
`;
