/** What persons decided about actions. */
export const approvals = `
  -- The last order of an action, as JSON; null where there was none.
  ALTER TABLE actions ADD COLUMN approval TEXT;
  -- Whether somebody still has to do it.
  ALTER TABLE actions ADD COLUMN is_ordered INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX actions_ordered ON actions (at, id) WHERE is_ordered = 1;
  ALTER TABLE action_changes ADD COLUMN decision TEXT;
`;
