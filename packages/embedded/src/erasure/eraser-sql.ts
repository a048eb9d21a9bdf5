import type { DatabaseSync } from "node:sqlite";
import { isIndexed, isNew } from "../events/new-events.ts";
import { isReportOfEvent } from "../events/row.ts";
import { eventsThatShow, isShown } from "../events/shown-pictures.ts";
import { isErasable } from "../pictures/rows.ts";

/** The statements of an erasure. */
export type EraserSql = ReturnType<typeof eraserSql>;

/** Prepares them. */
export function eraserSql(database: DatabaseSync) {
  const ofPerson = `person IN (?1, ?6) AND (?2 IS NULL OR box = ?2)
      AND (made <= ?3 OR min(time, (SELECT min(report ->> '$.receivedAt') FROM reports WHERE ${isReportOfEvent})) <= ?4)`;
  const unshown = `month = ? AND sha256 = ? AND NOT ${isShown}`;
  return {
    /* The events to erase, and their rows elsewhere. */
    boxOf: database.prepare("SELECT box FROM events WHERE id = ?"),
    eventsOfPerson: database.prepare(
      `SELECT id FROM events WHERE ${isIndexed} AND ${ofPerson}
       UNION ALL SELECT id FROM events WHERE ${isNew} AND ${ofPerson} LIMIT ?5`,
    ),
    pendingOf: database.prepare("SELECT count(*) AS n FROM actions WHERE event_id = ? AND state = 'pending'"),
    picturesOf: database.prepare(
      "SELECT value ->> 0 AS month, value ->> 1 AS sha256 FROM events, json_each(pictures) WHERE events.id = ?",
    ),
    isShown: database.prepare(`SELECT 1 FROM pictures WHERE month = ? AND sha256 = ? AND ${isShown}`),

    /* Pictures that are lost may be found again. */
    lostOfEvent: database.prepare(
      `SELECT month, sha256 FROM events CROSS JOIN json_each(events.pictures)
       CROSS JOIN pictures ON month = value ->> 0 AND sha256 = value ->> 1 WHERE events.id = ? AND lost IS NOT NULL`,
    ),
    lostOfPerson: database.prepare(
      `SELECT month, sha256 FROM pictures WHERE lost IS NOT NULL AND EXISTS
       (SELECT 1 FROM events WHERE made IN (${eventsThatShow}) AND person IN (?1, ?3) AND (?2 IS NULL OR box = ?2))`,
    ),

    /* The rows erased with an event. */
    dropEvent: database.prepare("DELETE FROM events WHERE id = ?"),
    dropQuarantine: database.prepare(
      `DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE event_id = ?1
         UNION SELECT quarantine_id FROM quarantine_events WHERE event_id = ?1)`,
    ),
    noteErasures: database.prepare(
      `INSERT INTO erasures (month, position, bytes) SELECT month, position, bytes FROM pictures WHERE ${unshown} AND ${isErasable}
       ON CONFLICT DO UPDATE SET bytes = excluded.bytes`,
    ),
    dropPictures: database.prepare(`DELETE FROM pictures WHERE ${unshown}`),

    /* Bytes that must be overwritten. */
    erasures: database.prepare("SELECT month, position, bytes FROM erasures"),
    isLeft: database.prepare("SELECT 1 FROM erasures WHERE month = ? AND position = ? AND bytes = ?"),
    dropErasure: database.prepare("DELETE FROM erasures WHERE month = ? AND position = ? AND bytes = ?"),
  };
}
