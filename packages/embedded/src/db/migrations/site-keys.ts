/** Read keys that see the boxes of a site, whichever these are at the time. */
export const siteKeys = `
  ALTER TABLE keys ADD COLUMN site TEXT;
`;
