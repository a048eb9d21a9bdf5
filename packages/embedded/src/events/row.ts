import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  actionNames,
  actionSchema,
  type EventAction,
  instant,
  type Report,
  type StoredEvent,
} from "@gatepost/protocol";

type Row = Record<string, unknown>;

/** What a whole event is made of, to be selected from `events`. One row, for a row a report and action takes longer. */
export const eventColumns = `
  events.id, events.box, events.is_twin,
  (SELECT group_concat(report, ',') FROM reports WHERE event_id = events.id) AS reports,
  (SELECT json_group_array(json_object('id', actions.id, 'want_action', want_action, 'state', state, 'reason', reason, 'at', at))
   FROM actions WHERE event_id = events.id) AS actions`;

/** An event from a row of `eventColumns`. */
export function eventOf(row: Row): StoredEvent {
  const actions = JSON.parse(String(row["actions"])) as Row[];
  return {
    id: String(row["id"]),
    box: String(row["box"]),
    isSecondFace: row["is_twin"] === 1,
    reports: JSON.parse(`[${row["reports"]}]`) as Report[],
    actions: actions.map(actionOf),
  };
}

/** An action from its row. */
export function actionOf(row: Row): EventAction {
  const wantAction = row["want_action"] === "1001" ? "1001" : "1002";
  return actionSchema.parse({
    id: row["id"],
    wantAction,
    name: actionNames[wantAction],
    state: row["state"],
    reason: row["reason"],
    at: instant(Number(row["at"])),
  });
}

/** Reads events as they were written, whether they have expired or not. */
export class EventRows {
  readonly #read: StatementSync;

  constructor(database: DatabaseSync) {
    this.#read = database.prepare(`SELECT ${eventColumns} FROM events WHERE id = ?`);
  }

  read(id: string): StoredEvent | null {
    const row = this.#read.get(id);
    return row === undefined ? null : eventOf(row);
  }
}
