import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DeadLetter, DeadLetters, RuleRefusal } from "@gatepost/core/deliveries";
import type { Page, PageRequest } from "@gatepost/core/lists";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { readRowPage } from "../db/page.ts";

interface Deps {
  clock(): number;
  refusalOf(rule: string): RuleRefusal | null;
}

const ruleRow = z.object({ rule: z.string() });
const deadRow = z.object({
  id: z.int(),
  rule: z.string(),
  entry_id: z.string(),
  detail_type: z.string(),
  event_id: z.string().nullable(),
  tries: z.int(),
  reason: z.string(),
  since: z.int(),
  ended_at: z.int(),
});

/** Most rows that one transaction changes, so that no report waits for long. */
const batchSize = 500;

export class SqliteDeadLetters implements DeadLetters {
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #deps: Deps;
  readonly #find: StatementSync;
  readonly #rules: StatementSync;
  readonly #send: StatementSync;
  readonly #sendQueue: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, deps: Deps) {
    this.#database = database;
    this.#writer = writer;
    this.#deps = deps;
    this.#find = database.prepare("SELECT rule FROM deliveries WHERE id = ? AND state = 'dead'");
    this.#rules = database.prepare("SELECT DISTINCT rule FROM deliveries WHERE state = 'dead'");
    const revive = `UPDATE deliveries SET state = 'waiting', since = ?1, due_at = ?1, tries = 0, ended_at = NULL,
      is_aside = 0, refusals = 0, refused_at = NULL, tried_with = NULL,
      resent = CASE WHEN resent IS NOT NULL THEN 'hand' END`;
    this.#send = database.prepare(`${revive} WHERE id = ?2 AND state = 'dead'`);
    this.#sendQueue = database.prepare(
      `${revive} WHERE id IN (SELECT id FROM deliveries WHERE state = 'dead' AND rule = ?2 LIMIT ${batchSize})`,
    );
  }

  async list(rule: string | null, page: PageRequest): Promise<Page<DeadLetter>> {
    const { items, next } = readRowPage(this.#database, {
      select: `SELECT id, rule, entry_id, detail_type, event_id, tries, reason, since, ended_at, ended_at AS at
        FROM deliveries`,
      conditions: [
        { sql: "state = 'dead'", values: [] },
        ...(rule === null ? [] : [{ sql: "rule = ?", values: [rule] }]),
      ],
      at: "ended_at",
      id: "id",
      page,
    });
    return { items: items.map(deadLetterOf), next };
  }

  send(id: string): ReturnType<DeadLetters["send"]> {
    return this.#writer.run(() => {
      const row = this.#find.get(id);
      if (row === undefined) return "unknown";
      const refusal = this.#deps.refusalOf(ruleOf(row));
      if (refusal !== null) return refusal;
      this.#send.run(this.#deps.clock(), id);
      return "sent";
    });
  }

  async sendAll(rule: string | null): Promise<number> {
    const dead = this.#rules.all().map(ruleOf);
    let sent = 0;
    for (const name of dead.filter((one) => rule === null || one === rule)) {
      if (this.#deps.refusalOf(name) === null) sent += await this.#sendRule(name);
    }
    return sent;
  }

  async #sendRule(name: string): Promise<number> {
    let sent = 0;
    for (;;) {
      const { changes } = await this.#writer.run(() => this.#sendQueue.run(this.#deps.clock(), name));
      sent += Number(changes);
      if (changes < batchSize) return sent;
    }
  }
}

function ruleOf(row: Record<string, unknown>): string {
  return parseStored(ruleRow, row, "a dead letter").rule;
}

function deadLetterOf(row: Record<string, unknown>): DeadLetter {
  const read = parseStored(deadRow, row, `dead letter ${row["id"]}`);
  return {
    id: String(read.id),
    rule: read.rule,
    entry: read.entry_id,
    detailType: read.detail_type,
    event: read.event_id,
    tries: read.tries,
    reason: read.reason,
    since: new Date(read.since).toISOString(),
    at: new Date(read.ended_at).toISOString(),
  };
}
