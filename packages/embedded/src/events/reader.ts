import type { DatabaseSync } from "node:sqlite";
import { type ActionState, parseStored } from "@gatepost/protocol";
import { type EventFilter, type EventReader, type Page, type PageRequest, soughtText } from "@gatepost/query";
import * as z from "zod";
import { type Condition, cursorValues, isIn, readPage } from "../db/page.ts";
import { Statements } from "../db/statements.ts";
import { conditionsOf, listingQuery, listsFor } from "./listing.ts";
import { eventColumns, eventOf, heldActionOf } from "./row.ts";
import { TextIndex } from "./text-index.ts";

type StoredEvent = NonNullable<Awaited<ReturnType<EventReader["get"]>>>;
type ListedAction = Awaited<ReturnType<EventReader["actions"]>>["items"][number];

const ofBox = z.object({ box: z.string() });

/** A step along a list: where it is, and the event's id where that is asked for. */
const step = z.object({ walked: z.string(), walked_time: z.int(), id: z.string().nullable() });

/** How many events a page may pass over. Where few of many match, a page is shorter than asked and has `next`. */
const maxPassedOver = 250;

/** Reads the events of one machine. An expired event is treated as missing, also while its row still exists. */
export class SqliteEventReader implements EventReader {
  readonly #database: DatabaseSync;
  readonly #texts: TextIndex;
  readonly #statements: Statements;
  readonly #clock: () => number;

  constructor(database: DatabaseSync, clock: () => number) {
    this.#database = database;
    this.#texts = new TextIndex(database);
    this.#statements = new Statements(database);
    this.#clock = clock;
  }

  async list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>> {
    const texts = filter.q === undefined ? null : this.#texts.textsWith(soughtText(filter.q));
    if (texts?.length === 0) return { items: [], next: null };
    const query = listingQuery(listsFor(filter, texts), {
      range: rangeOf(filter, page.cursor),
      conditions: [this.#isAlive(), ...conditionsOf(filter)],
      columns: eventColumns,
      minRows: page.limit + maxPassedOver,
    });
    return this.#take(query, page.limit);
  }

  async get(id: string): Promise<StoredEvent | null> {
    const { sql, values } = this.#isAlive();
    const row = this.#statements
      .prepare(`SELECT ${eventColumns} FROM events WHERE id = ? AND ${sql}`)
      .get(id, ...values);
    return row === undefined ? null : eventOf(row);
  }

  async actions(state: ActionState | null, page: PageRequest, boxes?: readonly string[]): Promise<Page<ListedAction>> {
    const { items, next } = readPage(this.#database, {
      select: "SELECT actions.*, events.box FROM actions JOIN events ON events.id = actions.event_id",
      conditions: [
        this.#isAlive(),
        ...(state === null ? [] : [{ sql: "actions.state = ?", values: [state] }]),
        ...(boxes === undefined ? [] : [isIn("events.box", boxes)]),
      ],
      at: "actions.at",
      id: "actions.id",
      page,
    });
    return { items: items.map(listedAction), next };
  }

  /** Takes events from a list until a page is full, the list ends, or enough events were passed over. */
  #take({ sql, values }: Condition, limit: number): Page<StoredEvent> {
    const items: StoredEvent[] = [];
    let last: string | null = null;
    let passedOver = 0;
    for (const row of this.#statements.prepare(sql).iterate(...values)) {
      if (items.length === limit || passedOver === maxPassedOver) return { items, next: last };
      const { id, walked, walked_time } = parseStored(step, row, "a listed event");
      if (id === null) passedOver += 1;
      else items.push(eventOf(row));
      last = `${walked_time} ${walked}`;
    }
    return { items, next: null };
  }

  #isAlive(): Condition {
    return { sql: "events.expires_at > ?", values: [this.#clock()] };
  }
}

function listedAction(row: Record<string, unknown>): ListedAction {
  const { action, eventId } = heldActionOf(row);
  return { ...action, eventId, ...parseStored(ofBox, row, `action ${action.id}`) };
}

/** The range of time that a page is in, as far as the filter and the cursor say. */
function rangeOf({ from, to }: EventFilter, cursor: string | null): Condition[] {
  const range = conditionsOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
  return cursor === null ? range : [...range, { sql: "(time, id) < (?, ?)", values: cursorValues(cursor) }];
}
