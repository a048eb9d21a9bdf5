/** An entry that was too old for its rule ended without being sent. Its state is 'delivered', and nobody got it. */
export const lateDeliveries = `
  ALTER TABLE deliveries ADD COLUMN is_too_late INTEGER NOT NULL DEFAULT 0;
`;
