import type { DatabaseSync, StatementSync } from "node:sqlite";
import { actionNames, actionSchema, type EventAction, type Report, type StoredEvent } from "@gatepost/protocol";

/** Reads whole events from their rows. */
export class EventRows {
  readonly #event: StatementSync;
  readonly #reports: StatementSync;
  readonly #actions: StatementSync;

  constructor(database: DatabaseSync) {
    this.#event = database.prepare("SELECT box, is_twin FROM events WHERE id = ?");
    this.#reports = database.prepare("SELECT report FROM reports WHERE event_id = ?");
    this.#actions = database.prepare("SELECT id, want_action, state, reason, at FROM actions WHERE event_id = ?");
  }

  read(id: string): StoredEvent | null {
    const event = this.#event.get(id);
    if (event === undefined) return null;
    return {
      id,
      box: String(event["box"]),
      isTwin: event["is_twin"] === 1,
      reports: this.#reports.all(id).map((row) => JSON.parse(String(row["report"])) as Report),
      actions: this.#actions.all(id).map(actionOf),
    };
  }
}

/** An action from its row. */
export function actionOf(row: Record<string, unknown>): EventAction {
  const wantAction = row["want_action"] === "1001" ? "1001" : "1002";
  return actionSchema.parse({
    id: row["id"],
    wantAction,
    name: actionNames[wantAction],
    state: row["state"],
    reason: row["reason"],
    at: new Date(Number(row["at"])).toISOString(),
  });
}
