import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DeadLetters, Deliveries, EntryDelivery, RuleRefusal, WaitingDelivery } from "@gatepost/core/deliveries";
import { GatepostError } from "@gatepost/core/errors";
import type { Page, PageRequest } from "@gatepost/core/lists";
import { instant, omitAbsent, parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { fitting } from "../db/page.ts";

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

const entryRow = z.object({
  id: z.int(),
  entry_id: z.string(),
  rule: z.string(),
  state: z.enum(["waiting", "delivered", "dead"]),
  tries: z.int(),
  status: z.int().nullable(),
  ms: z.int().nullable(),
  reason: z.string().nullable(),
  since: z.int(),
  tried_at: z.int().nullable(),
  ended_at: z.int().nullable(),
  due_at: z.int(),
  is_too_late: z.int(),
  held: z.string().nullable(),
});

const stateRow = z.object({
  state: z.enum(["waiting", "delivered", "dead"]),
  rule: z.string(),
  event_id: z.string().nullable(),
  entry_id: z.string(),
});

interface Deps {
  writer: Writer;
  clock(): number;
  deadLetters: Pick<DeadLetters, "send">;
  refusalOf(rule: string): RuleRefusal | null;
  /** The text of a delivered entry as it is sent again; null if it cannot be made again, or its action is not open. */
  again(event: string, entry: string): Promise<string | null>;
}

/** Reads waiting deliveries, and the outcomes of entries. */
export class SqliteDeliveries implements Deliveries {
  readonly #page: StatementSync;
  readonly #ofEvents: StatementSync;
  readonly #state: StatementSync;
  readonly #due: StatementSync;
  readonly #revive: StatementSync;
  readonly #deps: Deps;

  constructor(database: DatabaseSync, deps: Deps) {
    this.#deps = deps;
    this.#state = database.prepare("SELECT state, rule, event_id, entry_id FROM deliveries WHERE id = ?");
    this.#revive = database.prepare(
      `UPDATE deliveries SET state = 'waiting', envelope = ?1, since = ?2, due_at = ?2, tries = 0, reason = NULL,
         ended_at = NULL, refusals = 0, refused_at = NULL, tried_with = NULL, is_too_late = 0, held = NULL, resent = 'hand'
       WHERE id = ?3 AND state = 'delivered'`,
    );
    this.#due = database.prepare("UPDATE deliveries SET due_at = ?, is_aside = 0 WHERE id = ? AND state = 'waiting'");
    this.#page = database.prepare(
      `SELECT id, rule, entry_id, detail_type, event_id, tries, reason, is_aside, since, due_at, is_aside = 1 OR id = (SELECT min(id) FROM deliveries AS ahead
           WHERE ahead.rule = deliveries.rule AND ahead.state = 'waiting' AND ahead.is_aside = 0) AS is_next
       FROM deliveries WHERE state = 'waiting' AND (?1 IS NULL OR rule = ?1) AND (rule, is_aside, id) > (?2, ?3, ?4)
       ORDER BY rule, is_aside, id LIMIT ?5`,
    );
    this.#ofEvents = database.prepare(
      `SELECT id, entry_id, rule, state, tries, status, ms, reason, since, tried_at, ended_at, due_at, is_too_late, held
       FROM deliveries
       WHERE event_id IN (SELECT value FROM json_each(?)) ORDER BY rule, id`,
    );
  }

  async list(rule: string | null, { cursor, ...request }: PageRequest): Promise<Page<WaitingDelivery>> {
    const after = cursor === null ? (["", 0, 0] as const) : cursorValues(cursor);
    const rows = this.#page.iterate(rule, ...after, request.limit + 1);
    const { items: found, isEnd } = fitting(rows, request);
    const items = found.map((one) => parseStored(row, one, "a delivery"));
    const last = items.at(-1);
    const next = !isEnd && last !== undefined ? `${last.rule} ${last.is_aside} ${last.id}` : null;
    return { items: items.map(waitingOf), next };
  }

  async send(id: string): ReturnType<Deliveries["send"]> {
    const { writer, clock, deadLetters, refusalOf } = this.#deps;
    const row = this.#state.get(id);
    if (row === undefined) return "unknown";
    const { state, rule, event_id: event, entry_id: entry } = parseStored(stateRow, row, `delivery ${id}`);
    if (state === "dead") return deadLetters.send(id);
    const refusal = refusalOf(rule);
    if (refusal !== null) return refusal;
    if (state === "delivered") return this.#again(id, event, entry);
    const sent = await writer.run(() => this.#due.run(clock(), id).changes === 1);
    return sent ? "sent" : "unknown";
  }

  async #again(id: string, event: string | null, entry: string): Promise<"sent" | "closed"> {
    const { writer, clock, again } = this.#deps;
    const body = event === null ? null : await again(event, entry);
    if (body === null) return "closed";
    await writer.run(() => this.#revive.run(body, clock(), id));
    return "sent";
  }

  async ofEvents(eventIds: readonly string[]): Promise<ReadonlyMap<string, EntryDelivery[]>> {
    const rows = this.#ofEvents.all(JSON.stringify(eventIds)).map((one) => parseStored(entryRow, one, "a delivery"));
    const byEntry = Map.groupBy(rows, ({ entry_id }) => entry_id);
    return new Map([...byEntry].map(([entry, deliveries]) => [entry, deliveries.map(entryDeliveryOf)]));
  }
}

function cursorValues(cursor: string): [string, number, number] {
  const [, rule, isAside, id] = /^([\w.-]{1,64}) ([01]) (\d{1,15})$/.exec(cursor) ?? [];
  if (rule === undefined) {
    throw new GatepostError("bad-request", "this cursor is of another list; begin again without it");
  }
  return [rule, Number(isAside), Number(id)];
}

function entryDeliveryOf(read: z.output<typeof entryRow>): EntryDelivery {
  const { rule, state, tries, status, ms, reason } = read;
  return {
    id: String(read.id),
    rule,
    state: read.held !== null ? "held" : read.is_too_late === 1 ? "too-late" : state,
    tries,
    ...omitAbsent({ status, ms, reason }),
    at: instant(read.tried_at ?? read.ended_at ?? read.since),
    ...(state === "waiting" && { nextAt: instant(read.due_at) }),
  };
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
    since: instant(read.since),
    nextTry: read.is_next === 1 ? instant(read.due_at) : null,
  };
}
