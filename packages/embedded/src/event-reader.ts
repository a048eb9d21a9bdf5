import type { DatabaseSync } from "node:sqlite";
import type { ActionState } from "@gatepost/protocol";
import type { EventFilter, EventReader, Page, PageRequest } from "@gatepost/query";
import { actionOf, type EventRows } from "./event-rows.ts";
import { type Condition, readPage } from "./page.ts";

type StoredEvent = NonNullable<Awaited<ReturnType<EventReader["get"]>>>;
type ListedAction = Awaited<ReturnType<EventReader["actions"]>>["items"][number];

/** Reads the events of the machine. What has expired is not there, whether it was removed already or not. */
export class SqliteEventReader implements EventReader {
  readonly #database: DatabaseSync;
  readonly #rows: EventRows;
  readonly #clock: () => number;

  constructor(database: DatabaseSync, rows: EventRows, clock: () => number) {
    this.#database = database;
    this.#rows = rows;
    this.#clock = clock;
  }

  async list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>> {
    const { items, next } = readPage(this.#database, {
      select: "SELECT events.id, events.time AS at FROM events",
      conditions: [this.#isAlive(), ...conditionsOf(filter)],
      at: "events.time",
      id: "events.id",
      page,
    });
    return { items: items.flatMap((row) => this.#rows.read(String(row["id"])) ?? []), next };
  }

  async get(id: string): Promise<StoredEvent | null> {
    const { sql, values } = this.#isAlive();
    const isThere = this.#database.prepare(`SELECT 1 FROM events WHERE id = ? AND ${sql}`).get(id, ...values);
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

  #isAlive(): Condition {
    return { sql: "events.expires_at > ?", values: [this.#clock()] };
  }
}

/** What each member of a filter asks of a row of `events`. */
const asked: { [Name in keyof Required<EventFilter>]: string } = {
  from: "events.time >= ?1",
  to: "events.time < ?1",
  box: "events.box = ?1",
  device: "?1 IN (events.device_id, events.endpoint, events.ip)",
  person: "events.person = ?1",
  type: "events.person_type = ?1",
  action: "events.want_action = ?1",
  flag: "EXISTS (SELECT 1 FROM event_flags WHERE event_id = events.id AND flag = ?1)",
  q: "instr(events.search, ?1) > 0",
};

function conditionsOf(filter: EventFilter): Condition[] {
  return Object.entries(asked).flatMap(([name, sql]) => {
    const value = filter[name as keyof EventFilter];
    if (value === undefined) return [];
    return [{ sql: sql.replace("?1", "?"), values: [name === "q" ? String(value).toLowerCase() : value] }];
  });
}
