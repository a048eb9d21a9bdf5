/** Actions that boxes ask for, and their changes. */
export const actionTables = `
  CREATE TABLE actions (
    id TEXT PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    want_action TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    at INTEGER NOT NULL,
    -- Until then a pending action is held by a sweep.
    held_until INTEGER NOT NULL DEFAULT 0,
    -- The last order of an action, as JSON; null if there is none.
    approval TEXT,
    -- Whether the order is still to be carried out.
    is_ordered INTEGER NOT NULL DEFAULT 0,
    UNIQUE (event_id, want_action)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX actions_by_time ON actions (at, id);
  CREATE INDEX actions_by_state ON actions (state, at, id);
  CREATE INDEX actions_ordered ON actions (at, id) WHERE is_ordered = 1;

  -- One row a change of an action.
  CREATE TABLE action_changes (
    action_id TEXT NOT NULL REFERENCES actions ON DELETE CASCADE,
    -- Rises with each change of the action.
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT,
    key_id TEXT,
    decision TEXT,
    PRIMARY KEY (action_id, number)
  ) STRICT, WITHOUT ROWID;
`;

/** The decision that an action is declined, as JSON; null if it is not. */
export const actionDeclines = "ALTER TABLE actions ADD COLUMN decline TEXT;";

/**
 * Version 14: whether a rule took the announcement of an action. The index finds those that wait for a rule. An action
 * that was taken before has a delivery.
 */
export const toldColumn = `
  ALTER TABLE actions ADD COLUMN is_told INTEGER NOT NULL DEFAULT 0;
  UPDATE actions SET is_told = 1 WHERE id IN (SELECT entry_id FROM deliveries);
  CREATE INDEX actions_untold ON actions (state, at, id) WHERE is_told = 0;
`;
