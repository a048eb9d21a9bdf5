import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ActionState } from "@gatepost/protocol";
import type { EventFilter, EventReader, Page, PageRequest } from "@gatepost/query";
import { type Condition, conditionsOf, listsFor, walkOf } from "./event-lists.ts";
import { actionOf, type EventRows } from "./event-rows.ts";
import { placeOf, readPage } from "./page.ts";
import { TextIndex } from "./text-index.ts";

type StoredEvent = NonNullable<Awaited<ReturnType<EventReader["get"]>>>;
type ListedAction = Awaited<ReturnType<EventReader["actions"]>>["items"][number];

/** Events that one page passes over; where few of many are asked for, a page comes short and tells where to go on. */
const mostPassedOver = 250;

/** Reads the events of the machine. What has expired is not there, whether it was removed already or not. */
export class SqliteEventReader implements EventReader {
  readonly #database: DatabaseSync;
  readonly #rows: EventRows;
  readonly #texts: TextIndex;
  /** By their SQL, of which there are as many as combinations of filters. */
  readonly #statements = new Map<string, StatementSync>();
  readonly #clock: () => number;

  constructor(database: DatabaseSync, rows: EventRows, clock: () => number) {
    this.#database = database;
    this.#rows = rows;
    this.#texts = new TextIndex(database);
    this.#clock = clock;
  }

  async list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>> {
    const texts = filter.q === undefined ? null : this.#texts.textsWith(filter.q.toLowerCase());
    if (texts?.length === 0) return { items: [], next: null };
    const walk = walkOf(listsFor(filter, texts), stretchOf(filter, page.cursor));
    const { ids, next } = this.#take(walk, [this.#isAlive(), ...conditionsOf(filter)], page.limit);
    return { items: this.#rows.readAll(ids), next };
  }

  async get(id: string): Promise<StoredEvent | null> {
    const { sql, values } = this.#isAlive();
    const isThere = this.#prepare(`SELECT 1 FROM events WHERE id = ? AND ${sql}`).get(id, ...values);
    return isThere === undefined ? null : this.#rows.read(id);
  }

  async actions(state: ActionState | null, page: PageRequest): Promise<Page<ListedAction>> {
    const { items, next } = readPage(this.#database, {
      select: "SELECT actions.*, events.box FROM actions JOIN events ON events.id = actions.event_id",
      conditions: [this.#isAlive(), ...(state === null ? [] : [{ sql: "actions.state = ?", values: [state] }])],
      at: "actions.at",
      id: "actions.id",
      page,
    });
    return {
      items: items.map((row) => ({ ...actionOf(row), eventId: String(row["event_id"]), box: String(row["box"]) })),
      next,
    };
  }

  /** Takes from a walk what holds all conditions until a page is full, the walk ends, or enough was passed over. */
  #take(walk: Condition, conditions: readonly Condition[], limit: number): { ids: string[]; next: string | null } {
    const holds = this.#prepare(
      `SELECT 1 FROM events WHERE id = ? AND ${conditions.map(({ sql }) => `(${sql})`).join(" AND ")}`,
    );
    const values = conditions.flatMap((condition) => condition.values);
    const ids: string[] = [];
    let last: string | null = null;
    let passedOver = 0;
    for (const row of this.#prepare(walk.sql).iterate(...walk.values)) {
      if (ids.length === limit || passedOver === mostPassedOver) return { ids, next: last };
      const id = String(row["id"] ?? row["event_id"]);
      if (holds.get(id, ...values) === undefined) passedOver += 1;
      else ids.push(id);
      last = `${row["time"]} ${id}`;
    }
    return { ids, next: null };
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #isAlive(): Condition {
    return { sql: "events.expires_at > ?", values: [this.#clock()] };
  }
}

/** The stretch of time in which a page is, as far as it can be told by a place alone. */
function stretchOf({ from, to }: EventFilter, cursor: string | null): Condition[] {
  const range = conditionsOf({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
  return cursor === null ? range : [...range, { sql: "(time, id) < (?, ?)", values: placeOf(cursor) }];
}
