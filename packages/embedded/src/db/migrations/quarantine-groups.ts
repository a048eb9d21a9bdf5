/** What quarantine is grouped by, without reading a body. */
export const quarantineGroups = `
  CREATE INDEX quarantine_by_group ON quarantine (box, reason, path, received_at, bytes);
`;
