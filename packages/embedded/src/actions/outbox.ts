import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ActionLedger, ArmedAction } from "@gatepost/ingest";
import type { Writer } from "@gatepost/sqlite";
import { actionOf, type EventRows } from "../events/row.ts";
import { Revisions } from "../events/sequence.ts";

type Settled = Awaited<ReturnType<ActionLedger["settle"]>>;

export class SqliteActionLedger implements ActionLedger {
  readonly #writer: Writer;
  readonly #rows: EventRows;
  readonly #revisions: Revisions;
  readonly #clock: () => number;
  readonly #markAnnounced: StatementSync;
  readonly #lease: StatementSync;
  readonly #get: StatementSync;
  readonly #settle: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, { rows, clock }: { rows: EventRows; clock: () => number }) {
    this.#writer = writer;
    this.#rows = rows;
    this.#revisions = new Revisions(database);
    this.#clock = clock;
    this.#markAnnounced = database.prepare(
      "UPDATE actions SET state = 'announced', at = ? WHERE id = ? AND state = 'pending' RETURNING event_id",
    );
    this.#lease = database.prepare(
      `UPDATE actions SET held_until = ?1 WHERE id IN
         (SELECT actions.id FROM actions JOIN events ON events.id = event_id
          WHERE state = 'pending' AND at <= ?2 AND held_until <= ?3 AND expires_at > ?3 ORDER BY at LIMIT ?4)
       RETURNING *`,
    );
    this.#get = database.prepare("SELECT event_id, state, reason FROM actions WHERE id = ?");
    this.#settle = database.prepare("UPDATE actions SET state = ?, reason = ?, at = ? WHERE id = ?");
  }

  async markAnnounced(actionId: string): Promise<void> {
    await this.#writer.run(() => {
      const row = this.#markAnnounced.get(this.#clock(), actionId);
      if (row !== undefined) this.#revisions.raise(String(row["event_id"]));
    });
  }

  lease({ before, until, limit }: { before: number; until: number; limit: number }): Promise<ArmedAction[]> {
    return this.#writer.run(() =>
      this.#lease.all(until, before, this.#clock(), limit).flatMap((row) => {
        const event = this.#rows.read(String(row["event_id"]));
        return event === null ? [] : [{ action: actionOf(row), event }];
      }),
    );
  }

  settle(actionId: string, state: "done" | "failed", note: string | null): Promise<Settled> {
    return this.#writer.run(() => {
      const row = this.#get.get(actionId);
      if (row === undefined) return "unknown";
      if (row["state"] === "withheld" || (row["state"] === "done" && state === "failed")) return "refused";
      if (row["state"] !== state || row["reason"] !== note) {
        this.#settle.run(state, note, this.#clock(), actionId);
        this.#revisions.raise(String(row["event_id"]));
      }
      return "settled";
    });
  }
}
