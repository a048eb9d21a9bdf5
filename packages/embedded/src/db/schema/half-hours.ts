const buckets = Array.from({ length: 20 }, (_, bucket) => `match_${bucket}`);
const definitions = buckets.map((name) => `${name} INTEGER NOT NULL`).join(",\n    ");

const startOf = (row: string) => `${row}.time - ${row}.time % 1800000`;

const count = `
    INSERT INTO half_hours (box, start, type, count, ${buckets.join(", ")})
    VALUES (new.box, ${startOf("new")}, new.person_type, 1,
      ${buckets.map((_, bucket) => `new.match_bucket IS ${bucket}`).join(", ")})
    ON CONFLICT DO UPDATE SET count = count + 1,
      ${buckets.map((name) => `${name} = ${name} + excluded.${name}`).join(",\n      ")};`;
const ofOld = `box = old.box AND start = ${startOf("old")} AND type = old.person_type`;

/**
 * Counts of events by box, half-hour and type, and by how well they matched: match_0 is a score of 0 to 5 percent.
 * Triggers update them in the transaction of the report. They read nothing, and write one row.
 */
export const halfHourTables = `
  CREATE TABLE half_hours (
    box TEXT NOT NULL,
    start INTEGER NOT NULL,
    type TEXT NOT NULL,
    count INTEGER NOT NULL,
    ${definitions},
    PRIMARY KEY (box, start, type)
  ) STRICT, WITHOUT ROWID;

  CREATE TRIGGER events_are_counted AFTER INSERT ON events WHEN new.box <> 'gatepost-check' BEGIN${count}
  END;
  CREATE TRIGGER counts_move_with_events AFTER UPDATE OF time, person_type, match_bucket ON events
  WHEN new.box <> 'gatepost-check'
    AND (${startOf("old")}, old.person_type, old.match_bucket) IS NOT (${startOf("new")}, new.person_type, new.match_bucket) BEGIN
    UPDATE half_hours SET count = count - 1,
      ${buckets.map((name, bucket) => `${name} = ${name} - (old.match_bucket IS ${bucket})`).join(",\n      ")}
    WHERE ${ofOld};
    DELETE FROM half_hours WHERE ${ofOld} AND count <= 0;${count}
  END;
`;
