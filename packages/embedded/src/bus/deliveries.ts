import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

/** One entry that is to be delivered to one rule. */
export interface Delivery {
  id: number;
  entryId: string;
  /** The text that is sent, the same at each try. */
  body: string;
  tries: number;
  /** ms since 1970. */
  since: number;
  dueAt: number;
}

interface NewDelivery {
  entryId: string;
  detailType: string;
  eventId: string;
  body: string;
  now: number;
}

const waitingRow = z.object({
  id: z.int(),
  entry_id: z.string(),
  envelope: z.string(),
  tries: z.int(),
  since: z.int(),
  due_at: z.int(),
});
const ruleRow = z.object({ rule: z.string() });

/** How many rows one transaction changes, so that no report has to wait for long. */
const batchSize = 500;

/** The queues of entries, one for each rule. */
export class DeliveryRows {
  readonly #writer: Writer;
  readonly #add: StatementSync;
  readonly #first: StatementSync;
  readonly #delivered: StatementSync;
  readonly #postpone: StatementSync;
  readonly #deadLetter: StatementSync;
  readonly #rules: StatementSync;
  readonly #deadLetterQueue: StatementSync;

  constructor(database: DatabaseSync, writer: Writer) {
    this.#writer = writer;
    // An entry of an event that was erased since is not delivered any more.
    this.#add = database.prepare(
      `INSERT INTO deliveries (rule, entry_id, detail_type, event_id, state, envelope, since, due_at)
       SELECT ?1, ?2, ?3, ?4, 'waiting', ?5, ?6, ?6 WHERE EXISTS (SELECT 1 FROM events WHERE id = ?4)
       ON CONFLICT DO NOTHING`,
    );
    this.#first = database.prepare(
      `SELECT id, entry_id, envelope, tries, since, due_at FROM deliveries
       WHERE rule = ? AND state = 'waiting' ORDER BY id LIMIT 1`,
    );
    this.#delivered = database.prepare(
      "UPDATE deliveries SET state = 'delivered', envelope = NULL, reason = NULL, ended_at = ? WHERE id = ?",
    );
    this.#postpone = database.prepare(
      "UPDATE deliveries SET tries = ?, reason = ?, due_at = ? WHERE id = ? AND state = 'waiting'",
    );
    this.#deadLetter = database.prepare(
      "UPDATE deliveries SET state = 'dead', tries = ?, reason = ?, ended_at = ? WHERE id = ? AND state = 'waiting'",
    );
    this.#rules = database.prepare("SELECT DISTINCT rule FROM deliveries WHERE state = 'waiting'");
    this.#deadLetterQueue = database.prepare(
      `UPDATE deliveries SET state = 'dead', reason = ?, ended_at = ? WHERE id IN
         (SELECT id FROM deliveries WHERE rule = ? AND state = 'waiting' ORDER BY id LIMIT ${batchSize})`,
    );
  }

  /** Puts an entry at the end of the queues of these rules. A queue that has had the entry already stays as it is. */
  async add({ entryId, detailType, eventId, body, now }: NewDelivery, rules: readonly string[]): Promise<void> {
    await this.#writer.run(() => {
      for (const rule of rules) this.#add.run(rule, entryId, detailType, eventId, body, now);
    });
  }

  /** The first entry in the queue of a rule. */
  first(rule: string): Delivery | null {
    const row = this.#first.get(rule);
    if (row === undefined) return null;
    const {
      entry_id: entryId,
      envelope: body,
      due_at: dueAt,
      ...facts
    } = parseStored(waitingRow, row, `delivery ${row["id"]}`);
    return { ...facts, entryId, body, dueAt };
  }

  async delivered(id: number, now: number): Promise<void> {
    await this.#writer.run(() => this.#delivered.run(now, id));
  }

  async postpone(
    id: number,
    { tries, reason, dueAt }: { tries: number; reason: string; dueAt: number },
  ): Promise<void> {
    await this.#writer.run(() => this.#postpone.run(tries, reason, dueAt, id));
  }

  /** Gives an entry up: it becomes a dead letter. */
  async deadLetter(id: number, { tries, reason, now }: { tries: number; reason: string; now: number }): Promise<void> {
    await this.#writer.run(() => this.#deadLetter.run(tries, reason, now, id));
  }

  /** The rules that have something in their queue, including what was put until now. */
  rules(): Promise<string[]> {
    return this.#writer.run(() => this.#rules.all().map((row) => parseStored(ruleRow, row, "a delivery").rule));
  }

  /** Gives up all entries of a rule. Returns how many. */
  async deadLetterQueue(rule: string, { reason, now }: { reason: string; now: number }): Promise<number> {
    let moved = 0;
    for (;;) {
      const changes = Number(await this.#writer.run(() => this.#deadLetterQueue.run(reason, now, rule).changes));
      moved += changes;
      if (changes < batchSize) return moved;
    }
  }
}
