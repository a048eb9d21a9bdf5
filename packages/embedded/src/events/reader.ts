import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type EventFilter, type EventReader, soughtText } from "@gatepost/core/events";
import { type Page, type PageRequest, PageRoom } from "@gatepost/core/lists";
import { omitAbsent, parseStored } from "@gatepost/protocol";
import type { Reader } from "@gatepost/sqlite";
import * as z from "zod";
import { type Condition, cursorValues, textBytesOf } from "../db/page.ts";
import { Statements } from "../db/statements.ts";
import { conditionsOf, listingQuery, listsFor } from "./listing.ts";
import { eventColumnCount, eventColumns, eventIn, eventOf, type RowArray } from "./row.ts";
import { TextIndex } from "./text-index.ts";

type StoredEvent = NonNullable<Awaited<ReturnType<EventReader["get"]>>>;

/** The position of a row in a list: what follows its `eventColumns`. */
const position = z.tuple([z.string(), z.int()]);

function cursorAfter(row: RowArray): string {
  const [walked, time] = parseStored(position, [row[eventColumnCount], row[eventColumnCount + 1]], "a listed event");
  return `${time} ${walked}`;
}

/** Most events that a page may pass over. If few of many match, a page is shorter than asked for and has `next`. */
const maxPassedOver = 250;

/** Events that are read by their ids in one turn. */
const eventsATurn = 10;

/** Most events that are read to find the neighbour of another. */
const maxBeside = 10_000;

const counted = z.object({ walked: z.int(), found: z.int() });

/** Reads the events of one machine. An expired event is treated as missing, even while its row still exists. */
export class SqliteEventReader implements EventReader {
  readonly #texts: TextIndex;
  readonly #statements: Statements;
  readonly #clock: () => number;
  readonly #reader: Reader;

  /** @param reader of the same file, for long reads */
  constructor(database: DatabaseSync, { reader, clock }: { reader: Reader; clock(): number }) {
    this.#reader = reader;
    this.#texts = new TextIndex(database);
    this.#statements = new Statements(database);
    this.#clock = clock;
  }

  async list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>> {
    const range = rangeOf(filter, page.cursor === null ? null : { before: page.cursor });
    const query = this.#query(filter, { range, columns: eventColumns, minRows: page.limit + maxPassedOver });
    return query === null ? { items: [], next: null } : this.#take(query, page);
  }

  async count(filter: EventFilter, max: number): Promise<{ count: number; isExact: boolean }> {
    const query = this.#query(filter, { range: rangeOf(filter, null), columns: "events.id", minRows: max + 1 });
    if (query === null) return { count: 0, isExact: true };
    const sql = `SELECT count(*) AS walked, count(id) AS found FROM (${query.sql} LIMIT ?)`;
    const [row] = await this.#reader.all(sql, [...query.values, max + 1]);
    const { walked, found } = parseStored(counted, row, "a count of events");
    return { count: Math.min(found, max), isExact: walked <= max };
  }

  async neighbours({ id, timestamp }: { id: string; timestamp: number }, filter: EventFilter) {
    const cursor = `${timestamp} ${id}`;
    return {
      newer: this.#nearest(filter, { range: rangeOf(filter, { after: cursor }), order: "ASC" }),
      older: this.#nearest(filter, { range: rangeOf(filter, { before: cursor }), order: "DESC" }),
    };
  }

  async get(id: string): Promise<StoredEvent | null> {
    const { sql, values } = this.#isAlive();
    const row = this.#statements
      .prepare(`SELECT ${eventColumns} FROM events WHERE id = ? AND ${sql}`)
      .get(id, ...values);
    return row === undefined ? null : eventOf(row);
  }

  async getAll(ids: readonly string[]): Promise<ReadonlyMap<string, StoredEvent>> {
    const found = new Map<string, StoredEvent>();
    for (const id of new Set(ids)) {
      const event = await this.get(id);
      if (event === null) continue;
      found.set(id, event);
      // An event may have hundreds of kilobytes: other requests first.
      if (found.size % eventsATurn === 0) await nextTurn();
    }
    return found;
  }

  /** The query of a list; null if the list must be empty. */
  #query(filter: EventFilter, walk: Omit<Parameters<typeof listingQuery>[1], "conditions">): Condition | null {
    if (Object.values(filter).some((value) => Array.isArray(value) && value.length === 0)) return null;
    const texts = filter.q === undefined ? null : this.#texts.textsWith(soughtText(filter.q));
    if (texts?.length === 0) return null;
    const lists = listsFor(filter, texts);
    const conditions = [this.#isAlive(), ...conditionsOf(lists.table === "event_flags" ? withoutFlag(filter) : filter)];
    return listingQuery(lists, { ...walk, conditions });
  }

  /** The first event of a list. */
  #nearest(filter: EventFilter, walk: Pick<Parameters<typeof listingQuery>[1], "range" | "order">): string | null {
    const query = this.#query(filter, { ...walk, columns: "events.id", minRows: maxBeside });
    if (query === null) return null;
    const sql = `SELECT id FROM (${query.sql} LIMIT ?) WHERE id IS NOT NULL LIMIT 1`;
    const row = this.#statements.prepare(sql).get(...query.values, maxBeside);
    return row === undefined ? null : String(row["id"]);
  }

  /** Reads events of a list until a page is full, the list ends, or enough events were passed over. */
  #take({ sql, values }: Condition, { limit, maxBytes }: PageRequest): Page<StoredEvent> {
    const room = new PageRoom(maxBytes);
    const items: StoredEvent[] = [];
    let last: RowArray = [];
    let passedOver = 0;
    const statement = this.#statements.prepare(sql);
    // Arrays are read in less time than objects.
    statement.setReturnArrays(true);
    for (const row of statement.iterate(...values)) {
      if (items.length === limit || passedOver === maxPassedOver) return { items, next: cursorAfter(last) };
      if (row[0] !== null && !room.takes(textBytesOf(row))) return { items, next: cursorAfter(last) };
      if (row[0] === null) passedOver += 1;
      else items.push(eventIn(row));
      last = row;
    }
    return { items, next: null };
  }

  #isAlive(): Condition {
    return { sql: "events.expires_at > ?", values: [this.#clock()] };
  }
}

/**
 * The filter without its flag, for events from the list of that flag: checking the flag again would cost a page for
 * each event.
 */
function withoutFlag({ flag: _, ...filter }: EventFilter): EventFilter {
  return filter;
}

/** The range of time to read, by the filter and the cursor. */
function rangeOf({ from, to }: EventFilter, side: { before: string } | { after: string } | null): Condition[] {
  const range = conditionsOf(omitAbsent({ from, to }));
  if (side === null) return range;
  return "before" in side
    ? [...range, { sql: "(time, id) < (?, ?)", values: cursorValues(side.before) }]
    : [...range, { sql: "(time, id) > (?, ?)", values: cursorValues(side.after) }];
}
