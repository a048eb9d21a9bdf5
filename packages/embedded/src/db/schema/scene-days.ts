/** Version 13: days for which scenes are kept. Null: as their events. */
export const sceneDaysColumn = `
  ALTER TABLE retention_days ADD COLUMN scene_days INTEGER;
`;
