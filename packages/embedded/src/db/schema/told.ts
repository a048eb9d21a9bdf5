/**
 * Version 14: whether a rule took the announcement of an action. The index finds those that wait for a rule. An action
 * that was taken before has a delivery.
 */
export const toldColumn = `
  ALTER TABLE actions ADD COLUMN is_told INTEGER NOT NULL DEFAULT 0;
  UPDATE actions SET is_told = 1 WHERE id IN (SELECT entry_id FROM deliveries);
  CREATE INDEX actions_untold ON actions (state, at, id) WHERE is_told = 0;
`;
