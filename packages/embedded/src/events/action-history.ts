import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type ActionChange,
  actionChange,
  actionStates,
  decisions,
  instant,
  isChangeKept,
  limits,
  parseStored,
} from "@gatepost/protocol";
import * as z from "zod";

const changeRow = z.object({
  state: z.enum(actionStates),
  at: z.int(),
  reason: z.string().nullable(),
  key_id: z.string().nullable(),
  decision: z.enum(decisions).nullable(),
});
const numberRow = z.object({ number: z.int().nullable() });

/**
 * The changes of the states of actions. Each is written in the transaction of the change, and removed with its event.
 */
export class ActionHistory {
  readonly #last: StatementSync;
  readonly #add: StatementSync;
  readonly #prune: StatementSync;
  readonly #read: StatementSync;

  constructor(database: DatabaseSync) {
    this.#last = database.prepare("SELECT max(number) AS number FROM action_changes WHERE action_id = ?");
    this.#add = database.prepare(
      "INSERT INTO action_changes (action_id, number, state, at, reason, key_id, decision) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#prune = database.prepare("DELETE FROM action_changes WHERE action_id = ? AND number > 1 AND number <= ?");
    this.#read = database.prepare(
      "SELECT state, at, reason, key_id, decision FROM action_changes WHERE action_id = ? ORDER BY number",
    );
  }

  /** Adds a change, within a transaction. @param at ms since 1970 */
  add(actionId: string, change: Parameters<typeof actionChange>[0], at: number): void {
    const { state, reason = null, by = null, decision = null } = actionChange(change, instant(at));
    const last = parseStored(numberRow, this.#last.get(actionId), `action ${actionId}`).number ?? 0;
    const number = last + 1;
    this.#add.run(actionId, number, state, at, reason, by, decision);
    if (!isChangeKept(1, number)) this.#prune.run(actionId, number - limits.actionHistory.changes + 1);
  }

  of(actionId: string): ActionChange[] {
    return this.#read.all(actionId).map((row) => {
      const { state, at, reason, key_id: by, decision } = parseStored(changeRow, row, `a change of action ${actionId}`);
      return actionChange({ state, reason, by, decision }, instant(at));
    });
  }
}
