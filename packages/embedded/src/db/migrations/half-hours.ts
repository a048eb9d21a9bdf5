const halfHour = "1800000";
const buckets = Array.from({ length: 20 }, (_, bucket) => bucket);
const columns = buckets.map((bucket) => `match_${bucket}`).join(", ");
const definitions = buckets.map((bucket) => `match_${bucket} INTEGER NOT NULL`).join(",\n    ");

const inBuckets = (row: string) => buckets.map((bucket) => `${row}match_bucket IS ${bucket}`).join(", ");

const startOf = (row: string) => `${row}time - ${row}time % ${halfHour}`;

const count = `
    INSERT INTO half_hours (box, start, type, count, ${columns})
    VALUES (new.box, ${startOf("new.")}, new.person_type, 1, ${inBuckets("new.")})
    ON CONFLICT DO UPDATE SET count = count + 1,
      ${buckets.map((bucket) => `match_${bucket} = match_${bucket} + excluded.match_${bucket}`).join(",\n      ")};`;

const ofOld = `box = old.box AND start = ${startOf("old.")} AND type = old.person_type`;

/**
 * Counts of events by box, half-hour and type, with how many of them matched how well: match_0 is a score of 0 to 5
 * percent. Triggers keep them within the transaction of the report. They read nothing, and write one row.
 */
export const halfHours = `
  -- The match score in twentieths of its scale, from 0 to 19; null where there is none.
  ALTER TABLE events ADD COLUMN match_bucket INTEGER;
  UPDATE events SET match_bucket = (
    SELECT CASE WHEN scale > 0 AND score * 1.0 / scale BETWEEN 0 AND 1
      THEN min(CAST(score * 1.0 / scale * 20 AS INTEGER), 19) END
    FROM (
      SELECT json_extract(report, '$.score[0]') AS score, json_extract(report, '$.score[1]') AS scale
      FROM reports WHERE event_id = events.id AND json_extract(report, '$.score') IS NOT NULL
      ORDER BY CASE kind
        WHEN 'history' THEN 1 WHEN 'pass-record' THEN 2 WHEN 'live' THEN 3 WHEN 'backfill' THEN 4 ELSE 5 END
      LIMIT 1));

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
    AND (${startOf("old.")}, old.person_type, old.match_bucket) IS NOT (${startOf("new.")}, new.person_type, new.match_bucket) BEGIN
    UPDATE half_hours SET count = count - 1,
      ${buckets.map((bucket) => `match_${bucket} = match_${bucket} - (old.match_bucket IS ${bucket})`).join(",\n      ")}
    WHERE ${ofOld};
    DELETE FROM half_hours WHERE ${ofOld} AND count <= 0;${count}
  END;

  INSERT INTO half_hours (box, start, type, count, ${columns})
  SELECT box, ${startOf("")}, person_type, count(*), ${buckets.map((bucket) => `sum(match_bucket IS ${bucket})`).join(", ")}
  FROM events WHERE box <> 'gatepost-check' GROUP BY 1, 2, 3;
  `;
