const startOf = (row: string) => `${row}.time - ${row}.time % 1800000`;
const deviceOf = (row: string) => `coalesce(${row}.device_id, ${row}.endpoint, ${row}.ip)`;

/** No real device has a longer name. Without a name this is null, as false. */
const isNamed = `length(${deviceOf("new")}) <= 128`;

const ofNew = `box = new.box AND start = ${startOf("new")}`;

/** A box that invents names would fill the disk: beyond 200 rows of a half-hour, no further device is counted. */
const count = `
    INSERT INTO device_half_hours (box, start, device, type, count)
    SELECT new.box, ${startOf("new")}, ${deviceOf("new")}, new.person_type, 1
    WHERE ${isNamed} AND (
      EXISTS (SELECT 1 FROM device_half_hours WHERE ${ofNew} AND device = ${deviceOf("new")})
      OR NOT EXISTS (SELECT 1 FROM device_half_hours WHERE ${ofNew} LIMIT 1 OFFSET 199)
    )
    ON CONFLICT DO UPDATE SET count = count + 1;`;

const columns = (row: string) => `(${startOf(row)}, ${row}.person_type, ${deviceOf(row)})`;
const ofOld = `box = old.box AND start = ${startOf("old")} AND device = ${deviceOf("old")} AND type = old.person_type`;

/** Version 3: counts of events by box, half-hour, device and type. Triggers update them, as they do `half_hours`. */
export const deviceHalfHourTables = `
  CREATE TABLE device_half_hours (
    box TEXT NOT NULL,
    start INTEGER NOT NULL,
    device TEXT NOT NULL,
    type TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (box, start, device, type)
  ) STRICT, WITHOUT ROWID;

  CREATE TRIGGER events_are_counted_by_device AFTER INSERT ON events WHEN new.box <> 'gatepost-check' AND ${isNamed} BEGIN${count}
  END;
  CREATE TRIGGER device_counts_move_with_events AFTER UPDATE OF time, person_type, device_id, endpoint, ip ON events
  WHEN new.box <> 'gatepost-check' AND ${columns("old")} IS NOT ${columns("new")} BEGIN
    UPDATE device_half_hours SET count = count - 1 WHERE ${ofOld};
    DELETE FROM device_half_hours WHERE ${ofOld} AND count <= 0;${count}
  END;

  INSERT INTO store_upgrades VALUES (3, CAST(unixepoch('subsec') * 1000 AS INTEGER));
`;
