import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ResendCounts } from "@gatepost/core/rules";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

/** An entry that must be delivered to a rule. */
export interface Delivery {
  id: number;
  entryId: string;
  /** The text that is sent. It is the same at each try. */
  body: string;
  tries: number;
  /** How often the target refused the entry, and when (ms since 1970) first; 0 and null if it never did. */
  refusals: number;
  refusedAt: number | null;
  /** The digest of the rule at the last try; null before the first. */
  triedWith: string | null;
  /** Whether it is sent again on request. */
  isRepeat: boolean;
  /** ms since 1970. */
  since: number;
  dueAt: number;
}

/** One try to deliver: its number, the answer (null: none), the ms that it took, and when it ended. */
export interface Try {
  tries: number;
  status: number | null;
  ms: number;
  now: number;
}

/** The members that a failed try changes. */
export type FailedTry = Pick<Delivery, "refusals" | "refusedAt" | "triedWith" | "dueAt"> & {
  reason: string;
  /** Whether later entries of the queue may pass it. */
  isAside: boolean;
};

interface NewDelivery {
  entryId: string;
  detailType: string;
  /** Null if the entry is not about an event. */
  eventId: string | null;
  body: string;
  now: number;
  /** The job by which it is sent again, to a rule of this version; absent for a live entry. */
  again?: { job: string; version: string };
}

const waitingRow = z.object({
  id: z.int(),
  entry_id: z.string(),
  envelope: z.string(),
  tries: z.int(),
  refusals: z.int(),
  refused_at: z.int().nullable(),
  tried_with: z.string().nullable(),
  resent: z.string().nullable(),
  since: z.int(),
  due_at: z.int(),
});
const ruleRow = z.object({ rule: z.string() });
const outcomeRow = z.object({
  outcome: z.enum(["sent", "tooOld", "declined", "done", "withheld", "dead", "gone", "held"]),
  n: z.int(),
});
const countRow = z.object({ n: z.int() });

/** Whether a job has not ended: then it is in a list of the record store. */
const isOpen = (job: string) => `EXISTS (SELECT 1 FROM items WHERE pk = 'job ' || ${job} AND by_time IS NOT NULL)`;

/** Most rows that one transaction changes, so that no report waits for long. */
const batchSize = 500;

/** The queues of entries, one for each rule, and the entries that stepped aside. */
export class DeliveryRows {
  readonly #writer: Writer;
  readonly #add: StatementSync;
  readonly #first: StatementSync;
  readonly #firstRepeat: StatementSync;
  readonly #waitingAgain: StatementSync;
  readonly #outcomes: StatementSync;
  readonly #takeBack: StatementSync;
  readonly #takeBackFrom: StatementSync;
  readonly #removeOfEnded: StatementSync;
  readonly #closed: StatementSync;
  readonly #firstAside: StatementSync;
  readonly #bringBack: StatementSync;
  readonly #delivered: StatementSync;
  readonly #tooLate: StatementSync;
  readonly #held: StatementSync;
  readonly #postpone: StatementSync;
  readonly #deadLetter: StatementSync;
  readonly #drop: StatementSync;
  readonly #rules: StatementSync;
  readonly #waiting: StatementSync;
  readonly #deadLetterQueue: StatementSync;
  /** The entries that are being sent. */
  readonly #sent = new Set<number>();

  constructor(database: DatabaseSync, writer: Writer) {
    this.#writer = writer;
    // Entries of an event that was erased meanwhile are not delivered, and none is put for a job that has ended.
    this.#add = database.prepare(
      `INSERT INTO deliveries (rule, entry_id, detail_type, event_id, state, envelope, since, due_at, resent, tried_with)
       SELECT ?1, ?2, ?3, ?4, 'waiting', ?5, ?6, ?6, ?7, ?8
       WHERE (?4 IS NULL OR EXISTS (SELECT 1 FROM events WHERE id = ?4)) AND (?7 IS NULL OR ${isOpen("?7")})
       ON CONFLICT DO NOTHING`,
    );
    const waiting = `SELECT id, entry_id, envelope, tries, refusals, refused_at, tried_with, resent, since, due_at
       FROM deliveries WHERE rule = ? AND state = 'waiting'`;
    this.#first = database.prepare(`${waiting} AND is_aside = 0 AND resent IS NULL ORDER BY id LIMIT 1`);
    this.#firstRepeat = database.prepare(
      `${waiting} AND is_aside = 0 AND (resent = 'hand' OR (resent IS NOT NULL AND coalesce(tried_with, ?2) = ?2))
       ORDER BY id LIMIT 1`,
    );
    this.#waitingAgain = database.prepare(
      "SELECT count(*) AS n FROM deliveries WHERE resent = ? AND state = 'waiting'",
    );
    this.#outcomes = database.prepare(
      `SELECT CASE WHEN deliveries.state = 'dead' THEN 'dead' WHEN is_too_late = 1 THEN 'tooOld' WHEN held IS NULL THEN 'sent'
         WHEN held = 'erased' THEN 'gone' WHEN held <> 'closed' THEN 'held' WHEN actions.state IN ('done', 'withheld') THEN actions.state ELSE 'declined' END AS outcome, count(*) AS n
       FROM deliveries LEFT JOIN actions ON actions.id = entry_id WHERE rule = ?1 AND resent = ?2 GROUP BY outcome`,
    );
    this.#closed = database.prepare("SELECT 1 FROM actions WHERE id = ? AND state IN ('declined', 'done', 'withheld')");
    this.#takeBack = database.prepare(
      `DELETE FROM deliveries WHERE id IN
         (SELECT id FROM deliveries WHERE resent = ? AND state = 'waiting'
            AND id NOT IN (SELECT value FROM json_each(?)) LIMIT ${batchSize})`,
    );
    this.#takeBackFrom = database.prepare(
      `DELETE FROM deliveries WHERE id IN
         (SELECT id FROM deliveries WHERE rule = ? AND resent <> 'hand' AND state = 'waiting' LIMIT ${batchSize})`,
    );
    this.#removeOfEnded = database.prepare(
      `DELETE FROM deliveries WHERE rule = ? AND resent <> 'hand' AND state = 'waiting' AND NOT ${isOpen("resent")}`,
    );
    this.#firstAside = database.prepare(`${waiting} AND is_aside = 1 ORDER BY due_at, id LIMIT 1`);
    this.#bringBack = database.prepare(
      `UPDATE deliveries SET is_aside = 0 WHERE id IN
         (SELECT id FROM deliveries WHERE rule = ? AND state = 'waiting' AND is_aside = 1 AND tried_with IS NOT ?
          LIMIT ${batchSize})`,
    );
    this.#delivered = database.prepare(
      `UPDATE deliveries SET tries = ?1, status = ?2, ms = ?3, tried_at = ?4,
         state = 'delivered', is_aside = 0, envelope = NULL, reason = NULL, ended_at = ?4 WHERE id = ?5`,
    );
    this.#tooLate = database.prepare(
      `UPDATE deliveries SET state = 'delivered', is_too_late = 1, is_aside = 0, envelope = NULL, reason = 'too-late',
         ended_at = ? WHERE id = ?`,
    );
    this.#held = database.prepare(
      `UPDATE deliveries SET state = 'delivered', held = ?1, is_aside = 0, envelope = NULL, reason = ?1, ended_at = ?2
       WHERE id = ?3`,
    );
    this.#postpone = database.prepare(
      `UPDATE deliveries SET tries = ?, status = ?, ms = ?, tried_at = ?,
         reason = ?, due_at = ?, refusals = ?, refused_at = ?, tried_with = ?, is_aside = ?
       WHERE id = ? AND state = 'waiting'`,
    );
    this.#deadLetter = database.prepare(
      `UPDATE deliveries SET tries = ?1, status = ?2, ms = ?3, tried_at = ?4, state = 'dead', reason = ?5, ended_at = ?4
       WHERE id = ?6 AND state = 'waiting'`,
    );
    this.#drop = database.prepare(
      `UPDATE deliveries SET state = 'delivered', held = ?1, is_aside = 0, envelope = NULL, reason = ?1, ended_at = ?2
       WHERE id IN (SELECT id FROM deliveries WHERE rule = ?3 AND state = 'waiting' LIMIT ${batchSize})`,
    );
    this.#rules = database.prepare("SELECT DISTINCT rule FROM deliveries WHERE state = 'waiting'");
    this.#waiting = database.prepare("SELECT count(*) AS n FROM deliveries WHERE rule = ? AND state = 'waiting'");
    this.#deadLetterQueue = database.prepare(
      `UPDATE deliveries SET state = 'dead', reason = ?, ended_at = ? WHERE id IN
         (SELECT id FROM deliveries WHERE rule = ? AND state = 'waiting' LIMIT ${batchSize})`,
    );
  }

  /** Puts an entry at the end of the queues of these rules. A queue that already has had the entry does not change. */
  async add({ entryId, detailType, eventId, body, now, again }: NewDelivery, rules: readonly string[]): Promise<void> {
    const { job = null, version = null } = again ?? {};
    await this.#writer.run(() => {
      for (const rule of rules) this.#add.run(rule, entryId, detailType, eventId, body, now, job, version);
    });
  }

  /** The first repeat of a rule. Those that were put for another version of it are not: their job takes them back. */
  firstRepeat(rule: string, digest: string): Delivery | null {
    return deliveryOf(this.#firstRepeat.get(rule, digest));
  }

  /** The number of entries of a job that wait. */
  waitingAgain(job: string): number {
    return parseStored(countRow, this.#waitingAgain.get(job), job).n;
  }

  /** The entries that a job has put for a rule, by what became of each. */
  outcomesOf(rule: string, job: string): Partial<ResendCounts> {
    const rows = this.#outcomes.all(rule, job).map((row) => parseStored(outcomeRow, row, job));
    return Object.fromEntries(rows.map(({ outcome, n }) => [outcome, n]));
  }

  /** Whether an entry is of an action that was declined, done or withheld since it was put. */
  isClosed({ entryId }: Pick<Delivery, "entryId">): boolean {
    return this.#closed.get(entryId) !== undefined;
  }

  /** Notes that an entry is being sent, until `ended`. */
  begun({ id }: Pick<Delivery, "id">): void {
    this.#sent.add(id);
  }

  /** Notes that the result of a try is stored. An entry that was not taken is removed if its job has ended meanwhile. */
  async ended(rule: string, { id, isRepeat }: Pick<Delivery, "id" | "isRepeat">): Promise<void> {
    if (isRepeat) await this.#writer.run(() => this.#removeOfEnded.run(rule));
    this.#sent.delete(id);
  }

  /** Removes the entries of a job that wait. One that is being sent is removed if it is not taken and the job has ended. */
  async takeBack(job: string): Promise<void> {
    await this.#inBatches(() => this.#takeBack.run(job, JSON.stringify([...this.#sent])).changes);
  }

  /** Removes the entries of jobs that wait for a rule. */
  async takeBackFrom(rule: string): Promise<void> {
    await this.#inBatches(() => this.#takeBackFrom.run(rule).changes);
  }

  /** The first entry in the queue of a rule. */
  first(rule: string): Delivery | null {
    return deliveryOf(this.#first.get(rule));
  }

  /** The entry that is due first, of those that stepped aside. */
  firstAside(rule: string): Delivery | null {
    return deliveryOf(this.#firstAside.get(rule));
  }

  /**
   * Puts entries that stepped aside under another version of the rule back into their places in the queue. Removes those
   * of a job that has ended: the process may have ended before they were taken back.
   */
  async bringBack(rule: string, digest: string): Promise<void> {
    await this.#writer.run(() => this.#removeOfEnded.run(rule));
    await this.#inBatches(() => this.#bringBack.run(rule, digest).changes);
  }

  async delivered(id: number, tried: Try): Promise<void> {
    await this.#writer.run(() => this.#delivered.run(...valuesOf(tried), id));
  }

  /** Ends a delivery whose passing is too old for the rule. */
  async tooLate(id: number, now: number): Promise<void> {
    await this.#writer.run(() => this.#tooLate.run(now, id));
  }

  /** Ends a delivery of which people are not told on its own, and notes why. */
  async held(id: number, why: string, now: number): Promise<void> {
    await this.#writer.run(() => this.#held.run(why, now, id));
  }

  async postpone(id: number, tried: Try, failed: FailedTry): Promise<void> {
    const { reason, dueAt, refusals, refusedAt, triedWith, isAside } = failed;
    const changes = [reason, dueAt, refusals, refusedAt, triedWith, isAside ? 1 : 0] as const;
    await this.#writer.run(() => this.#postpone.run(...valuesOf(tried), ...changes, id));
  }

  /** Gives up an entry: it becomes a dead letter. */
  async deadLetter(id: number, tried: Try, reason: string): Promise<void> {
    await this.#writer.run(() => this.#deadLetter.run(...valuesOf(tried), reason, id));
  }

  /** The rules whose queues have entries, including those put just now. */
  rules(): Promise<string[]> {
    return this.#writer.run(() => this.#rules.all().map((row) => parseStored(ruleRow, row, "a delivery").rule));
  }

  /** The number of entries that wait for a rule. */
  waiting(rule: string): number {
    return parseStored(countRow, this.#waiting.get(rule), `rule ${rule}`).n;
  }

  /** Gives up all entries of a rule. Returns how many. */
  deadLetterQueue(rule: string, { reason, now }: { reason: string; now: number }): Promise<number> {
    return this.#inBatches(() => this.#deadLetterQueue.run(reason, now, rule).changes);
  }

  /** Ends all deliveries of a rule that waits for nothing any more, without a dead letter. */
  async drop(rule: string, { why, now }: { why: string; now: number }): Promise<void> {
    await this.#inBatches(() => this.#drop.run(why, now, rule).changes);
  }

  /** Repeats a statement that changes a batch of rows until no row is left. Returns how many rows it changed. */
  async #inBatches(run: () => number | bigint): Promise<number> {
    let changed = 0;
    for (;;) {
      const changes = Number(await this.#writer.run(run));
      changed += changes;
      if (changes < batchSize) return changed;
    }
  }
}

function valuesOf({ tries, status, ms, now }: Try) {
  return [tries, status, ms, now] as const;
}

function deliveryOf(row: Record<string, unknown> | undefined): Delivery | null {
  if (row === undefined) return null;
  const read = parseStored(waitingRow, row, `delivery ${row["id"]}`);
  return {
    id: read.id,
    entryId: read.entry_id,
    body: read.envelope,
    tries: read.tries,
    refusals: read.refusals,
    refusedAt: read.refused_at,
    triedWith: read.tried_with,
    isRepeat: read.resent !== null,
    since: read.since,
    dueAt: read.due_at,
  };
}
