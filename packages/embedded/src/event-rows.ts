import type { DatabaseSync, StatementSync } from "node:sqlite";
import { actionNames, actionSchema, type EventAction, type Report, type StoredEvent } from "@gatepost/protocol";

/** Reads whole events from their rows: one, or all of a page at once. */
export class EventRows {
  readonly #one: Statements;
  readonly #many: Statements;

  constructor(database: DatabaseSync) {
    this.#one = statementsFor(database, "= ?");
    this.#many = statementsFor(database, "IN (SELECT value FROM json_each(?))");
  }

  read(id: string): StoredEvent | null {
    return read(this.#one, [id], id)[0] ?? null;
  }

  /** Those that are there, in the order of their ids. */
  readAll(ids: readonly string[]): StoredEvent[] {
    return read(this.#many, ids, JSON.stringify(ids));
  }
}

type Statements = Record<"events" | "reports" | "actions", StatementSync>;

function statementsFor(database: DatabaseSync, these: string): Statements {
  return {
    events: database.prepare(`SELECT id, box, is_twin FROM events WHERE id ${these}`),
    reports: database.prepare(`SELECT event_id, report FROM reports WHERE event_id ${these}`),
    actions: database.prepare(
      `SELECT event_id, id, want_action, state, reason, at FROM actions WHERE event_id ${these}`,
    ),
  };
}

function read(statements: Statements, ids: readonly string[], these: string): StoredEvent[] {
  const rows = new Map(statements.events.all(these).map((row) => [row["id"], row]));
  const reports = Map.groupBy(statements.reports.all(these), (row) => row["event_id"]);
  const actions = Map.groupBy(statements.actions.all(these), (row) => row["event_id"]);
  return ids.flatMap((id) => {
    const row = rows.get(id);
    if (row === undefined) return [];
    return {
      id,
      box: String(row["box"]),
      isTwin: row["is_twin"] === 1,
      reports: (reports.get(id) ?? []).map(({ report }) => JSON.parse(String(report)) as Report),
      actions: (actions.get(id) ?? []).map(actionOf),
    };
  });
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
