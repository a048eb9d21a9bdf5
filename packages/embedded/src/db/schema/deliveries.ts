/** Entries of the bus for each rule. */
export const deliveryTables = `
  -- One row a rule and entry. A delivered row stays without its content, so that a repeated entry is not delivered again.
  -- No row outlives its event.
  CREATE TABLE deliveries (
    -- Also the order of delivery, and never used again.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    detail_type TEXT NOT NULL,
    -- Null for an entry that is about a box.
    event_id TEXT REFERENCES events (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    envelope TEXT,
    -- When it was put, or sent again; its day of tries begins then.
    since INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    -- Why the last try failed.
    reason TEXT,
    -- When it was delivered or given up.
    ended_at INTEGER,
    -- An entry that a target refused steps aside, so that later ones in the queue pass it.
    is_aside INTEGER NOT NULL DEFAULT 0,
    -- How often the target refused it, and when it did first.
    refusals INTEGER NOT NULL DEFAULT 0,
    refused_at INTEGER,
    -- The digest of the rule at the last try. Failures of another rule of this name do not count.
    tried_with TEXT,
    -- Whether it was too old for its rule: its state is 'delivered', but it was not sent.
    is_too_late INTEGER NOT NULL DEFAULT 0,
    -- The answer to the last try: its status, after how many ms, and when. Null before the first.
    status INTEGER,
    ms INTEGER,
    tried_at INTEGER,
    -- Why a person got no alert of it by itself. Its state is 'delivered'.
    held TEXT,
    UNIQUE (rule, entry_id)
  ) STRICT;
  CREATE INDEX deliveries_waiting ON deliveries (rule, is_aside, id) WHERE state = 'waiting';
  CREATE INDEX deliveries_aside ON deliveries (rule, due_at, id) WHERE state = 'waiting' AND is_aside = 1;
  CREATE INDEX deliveries_dead ON deliveries (ended_at, id) WHERE state = 'dead';
  CREATE INDEX deliveries_by_event ON deliveries (event_id);
  CREATE INDEX deliveries_of_boxes ON deliveries (since) WHERE event_id IS NULL;
  CREATE INDEX deliveries_tried ON deliveries (rule, tried_at) WHERE tried_at IS NOT NULL;
`;

/**
 * The job by which an entry is sent again, or `hand`; null for a live one. A repeat waits until no live entry does. One of a
 * job has `tried_with` from the beginning, and is removed if it waits after the end of the job.
 */
export const resentColumn = `
  ALTER TABLE deliveries ADD COLUMN resent TEXT;
  CREATE INDEX deliveries_resent ON deliveries (resent, rule, id) WHERE resent IS NOT NULL AND state = 'waiting';
`;
