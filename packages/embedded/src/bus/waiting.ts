import type { DatabaseSync, StatementSync } from "node:sqlite";
import { GatepostError } from "@gatepost/ingest";
import { parseStored } from "@gatepost/protocol";
import type { Page, PageRequest, WaitingDeliveries, WaitingDelivery } from "@gatepost/query";
import * as z from "zod";

const row = z.object({
  id: z.int(),
  rule: z.string(),
  entry_id: z.string(),
  detail_type: z.string(),
  event_id: z.string().nullable(),
  tries: z.int(),
  reason: z.string().nullable(),
  is_aside: z.int(),
  since: z.int(),
  due_at: z.int(),
  is_next: z.int(),
});

/** Reads what waits to be delivered. */
export class SqliteWaitingDeliveries implements WaitingDeliveries {
  readonly #page: StatementSync;

  constructor(database: DatabaseSync) {
    this.#page = database.prepare(
      `SELECT *, is_aside = 1 OR id = (SELECT min(id) FROM deliveries AS ahead
           WHERE ahead.rule = deliveries.rule AND ahead.state = 'waiting' AND ahead.is_aside = 0) AS is_next
       FROM deliveries WHERE state = 'waiting' AND (?1 IS NULL OR rule = ?1) AND (rule, is_aside, id) > (?2, ?3, ?4)
       ORDER BY rule, is_aside, id LIMIT ?5`,
    );
  }

  async list(rule: string | null, { limit, cursor }: PageRequest): Promise<Page<WaitingDelivery>> {
    const after = cursor === null ? (["", 0, 0] as const) : cursorValues(cursor);
    const rows = this.#page.all(rule, ...after, limit + 1).map((one) => parseStored(row, one, "a delivery"));
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const next = rows.length > limit && last !== undefined ? `${last.rule} ${last.is_aside} ${last.id}` : null;
    return { items: items.map(waitingOf), next };
  }
}

function cursorValues(cursor: string): [string, number, number] {
  const [, rule, isAside, id] = /^([\w.-]{1,64}) ([01]) (\d{1,15})$/.exec(cursor) ?? [];
  if (rule === undefined) {
    throw new GatepostError("bad-request", "this cursor is of another list; begin again without it");
  }
  return [rule, Number(isAside), Number(id)];
}

function waitingOf(read: z.output<typeof row>): WaitingDelivery {
  return {
    id: String(read.id),
    rule: read.rule,
    entry: read.entry_id,
    detailType: read.detail_type,
    event: read.event_id,
    tries: read.tries,
    lastAnswer: read.reason,
    aside: read.is_aside === 1,
    since: new Date(read.since).toISOString(),
    nextTry: read.is_next === 1 ? new Date(read.due_at).toISOString() : null,
  };
}
