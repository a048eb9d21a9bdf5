/** The zone by whose hours pauses of boxes are numbered in the tables. Null before the first is noted. */
export const zoneOfPauses = `
  ALTER TABLE boxes_noted ADD COLUMN zone TEXT;
`;
