/** What became of each action, one row a change of its state. Of an action from before only the last is known. */
export const actionHistory = `
  CREATE TABLE action_changes (
    action_id TEXT NOT NULL REFERENCES actions ON DELETE CASCADE,
    -- Rises with each change of the action.
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT,
    key_id TEXT,
    PRIMARY KEY (action_id, number)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO action_changes (action_id, number, state, at, reason)
    SELECT id, 1, state, at, substr(reason, 1, 200) FROM actions;
`;
