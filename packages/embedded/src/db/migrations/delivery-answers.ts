/** What a target answered to the last try, after how many ms, and when it was. Null before the first. */
export const deliveryAnswers = `
  ALTER TABLE deliveries ADD COLUMN status INTEGER;
  ALTER TABLE deliveries ADD COLUMN ms INTEGER;
  ALTER TABLE deliveries ADD COLUMN tried_at INTEGER;
  CREATE INDEX deliveries_tried ON deliveries (rule, tried_at) WHERE tried_at IS NOT NULL;
`;
