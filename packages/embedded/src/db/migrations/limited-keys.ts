/** Keys that are for somebody, that end, and that see some boxes alone; and the devices of one box. */
export const limitedKeys = `
  ALTER TABLE keys ADD COLUMN note TEXT;
  ALTER TABLE keys ADD COLUMN expires_at INTEGER;
  -- The boxes that a read key sees, as a list in JSON; null where it sees every box.
  ALTER TABLE keys ADD COLUMN boxes TEXT;

  DROP INDEX events_by_shown_device;
  CREATE INDEX events_by_box_device ON events (box, coalesce(device_id, endpoint, ip));
`;
