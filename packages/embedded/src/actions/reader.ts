import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ActionFilter, ActionReader, ListedAction } from "@gatepost/core/actions";
import { type Page, type PageRequest, PageRoom } from "@gatepost/core/lists";
import { actionStates, parseStored, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import { type Condition, cursorValues } from "../db/page.ts";
import { Statements } from "../db/statements.ts";
import { ActionHistory } from "../events/action-history.ts";
import { EventRows, heldActionOf, isReportOfEvent } from "../events/row.ts";

/** Most actions that a page may pass over. If few of many match, a page is shorter than asked for and has `next`. */
const maxPassedOver = 1000;

/** One row of the list: its position, and if the action is asked for, its box and the bytes of its event. */
const step = z.object({
  walked: z.string(),
  walked_at: z.int(),
  box: z.string().nullable(),
  event_bytes: z.int().nullable(),
});

/** Reads the actions of one machine. */
export class SqliteActionReader implements ActionReader {
  readonly #statements: Statements;
  readonly #history: ActionHistory;
  readonly #rows: EventRows;
  readonly #clock: () => number;
  readonly #get: StatementSync;
  readonly #ofEvent: StatementSync;

  constructor(database: DatabaseSync, clock: () => number) {
    this.#statements = new Statements(database);
    this.#history = new ActionHistory(database);
    this.#rows = new EventRows(database);
    this.#clock = clock;
    const select = "SELECT actions.*, box FROM actions JOIN events ON events.id = event_id";
    this.#get = database.prepare(`${select} WHERE actions.id = ? AND expires_at > ?`);
    this.#ofEvent = database.prepare(`${select} WHERE event_id = ? AND expires_at > ? ORDER BY actions.want_action`);
  }

  /** The bytes of the events count, too: the answer may have them. */
  async list(filter: ActionFilter, { limit, cursor, maxBytes }: PageRequest): Promise<Page<ListedAction>> {
    const room = new PageRoom(maxBytes);
    const { sql, values } = walkOf(filter, { cursor, now: this.#clock(), maxRows: limit + maxPassedOver });
    const items: ListedAction[] = [];
    let last: string | null = null;
    let passedOver = 0;
    for (const row of this.#statements.prepare(sql).iterate(...values)) {
      if (items.length === limit || passedOver === maxPassedOver) return { items, next: last, bytes: room.used };
      const { walked, walked_at, box, event_bytes } = parseStored(step, row, "a listed action");
      if (box === null) passedOver += 1;
      else {
        const action = this.#listed(row);
        if (!room.takes((event_bytes ?? 0) + Buffer.byteLength(JSON.stringify(action))))
          return { items, next: last, bytes: room.used };
        items.push(action);
      }
      last = `${walked_at} ${walked}`;
    }
    return { items, next: null, bytes: room.used };
  }

  async get(actionId: string): Promise<ListedAction | null> {
    const row = this.#get.get(actionId, this.#clock());
    return row === undefined ? null : this.#listed(row);
  }

  async eventOf(actionId: string): Promise<StoredEvent | null> {
    const row = this.#get.get(actionId, this.#clock());
    return row === undefined ? null : this.#rows.read(heldActionOf(row).eventId);
  }

  async ofEvent(eventId: string): Promise<ListedAction[]> {
    return this.#ofEvent.all(eventId, this.#clock()).map((row) => this.#listed(row));
  }

  #listed(row: Record<string, unknown>): ListedAction {
    const { action, eventId, approval, decline } = heldActionOf(row);
    const { box } = parseStored(z.object({ box: z.string() }), row, `action ${action.id}`);
    return {
      ...action,
      eventId,
      box,
      approval,
      decline,
      told: row["is_told"] === 1,
      history: this.#history.of(action.id),
    };
  }
}

/**
 * Makes one query of the lists of several states, newest first. Each list is in this order by its index, so no more rows
 * are read than are used: at least `maxRows`, if there are so many.
 */
function walkOf(
  { states = actionStates, wants, boxes, isOrdered, isTold }: ActionFilter,
  { cursor, now, maxRows }: { cursor: string | null; now: number; maxRows: number },
): Condition {
  const begin = cursor === null ? [] : cursorValues(cursor);
  const after = cursor === null ? "" : " AND (at, id) < (?, ?)";
  const ordered = isOrdered === true ? " AND is_ordered = 1" : "";
  const announcedCondition = isTold === undefined ? "" : ` AND is_told = ${Number(isTold)}`;
  const list = `SELECT id AS walked, at AS walked_at FROM actions WHERE state = ?${ordered}${announcedCondition}${after}`;
  const lists = states.map(() => list);
  const newestFirst = "ORDER BY walked_at DESC, walked DESC";
  return {
    sql: `SELECT walked, walked_at, actions.*, events.box,
        (SELECT sum(octet_length(report)) FROM reports WHERE ${isReportOfEvent}) AS event_bytes FROM (${lists.join(" UNION ALL ")} ${newestFirst} LIMIT ?)
      LEFT JOIN actions ON actions.id = walked${oneOf("actions.want_action", wants)}
      LEFT JOIN events ON events.id = event_id AND expires_at > ?${oneOf("events.box", boxes)} ${newestFirst}`,
    values: [...states.flatMap((state) => [state, ...begin]), maxRows + 1, ...(wants ?? []), now, ...(boxes ?? [])],
  };
}

function oneOf(column: string, values: readonly string[] | undefined): string {
  return values === undefined ? "" : ` AND ${column} IN (${values.map(() => "?").join(", ")})`;
}
