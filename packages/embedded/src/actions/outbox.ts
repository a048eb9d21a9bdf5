import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ActionOutbox, EnqueuedAction } from "@gatepost/ingest";
import type { Writer } from "@gatepost/sqlite";
import { actionOf, type EventRows } from "../events/row.ts";
import { Sequence } from "../events/sequence.ts";

type Settled = Awaited<ReturnType<ActionOutbox["settle"]>>;

export class SqliteActionOutbox implements ActionOutbox {
  readonly #writer: Writer;
  readonly #rows: EventRows;
  readonly #sequence: Sequence;
  readonly #clock: () => number;
  readonly #markAnnounced: StatementSync;
  readonly #lease: StatementSync;
  readonly #get: StatementSync;
  readonly #settle: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, { rows, clock }: { rows: EventRows; clock: () => number }) {
    this.#writer = writer;
    this.#rows = rows;
    this.#sequence = new Sequence(database);
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
      if (row !== undefined) this.#sequence.raise(String(row["event_id"]));
    });
  }

  lease({ before, until, limit }: { before: number; until: number; limit: number }): Promise<EnqueuedAction[]> {
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
        this.#sequence.raise(String(row["event_id"]));
      }
      return "settled";
    });
  }
}
