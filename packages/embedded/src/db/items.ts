import type { DatabaseSync, StatementSync } from "node:sqlite";
import { jsonIn } from "@gatepost/protocol";
import {
  type Change,
  type Condition,
  changed,
  checkChange,
  type Entry,
  type Item,
  type Items,
  type indexes,
  isExpired,
  isIn,
  type List,
  type ListedItem,
  meets,
  merged,
  type Range,
  type Value,
  type Written,
} from "@gatepost/store";
import { Statements } from "./statements.ts";

/** The attributes that have a column, as [attribute, column]. */
const columns = [
  ["ttl", "ttl"],
  ["byTime", "by_time"],
  ["byBox", "by_box"],
  ["byPerson", "by_person"],
  ["at", "at"],
] as const;

const columnOf = { byTime: "by_time", byBox: "by_box", byPerson: "by_person" } as const satisfies Record<
  (typeof indexes)[number],
  string
>;

/** Items that are read at a time from a list, and removed at a time when they have expired. */
const batchSize = 100;

/** Higher than every place: texts are ordered by their bytes, and this one has no UTF-8 text above it. */
const last = "\u{10ffff}";

interface Deps {
  /** ms since 1970: the time that the store believes, so that a wrong clock expires nothing. */
  clock(): number;
  /** Runs a write in a transaction, and resolves when it is durable. */
  run<T>(work: () => T): Promise<T>;
  /** Resolves when no file contains overwritten data. */
  emptyLog(): Promise<void>;
}

/** The record store in SQLite. */
export class SqliteItems implements Items {
  readonly #deps: Deps;
  readonly #select: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #pksAfter: StatementSync;
  readonly #dropExpired: StatementSync;
  readonly #ranges: Statements;
  /** The writes that are still being overwritten in the log, by key. */
  readonly #clearing = new Map<string, Promise<void>>();

  constructor(database: DatabaseSync, deps: Deps) {
    this.#deps = deps;
    this.#ranges = new Statements(database);
    this.#select = database.prepare("SELECT * FROM items WHERE pk = ?");
    this.#put = database.prepare(
      `INSERT INTO items (pk, ttl, by_time, by_box, by_person, at, item) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
       ON CONFLICT (pk) DO UPDATE
       SET ttl = ?2, by_time = ?3, by_box = ?4, by_person = ?5, at = ?6, item = ?7`,
    );
    this.#delete = database.prepare("DELETE FROM items WHERE pk = ?");
    this.#pksAfter = database.prepare(`SELECT pk FROM items WHERE pk > ? AND pk < ? ORDER BY pk LIMIT ${batchSize}`);
    this.#dropExpired = database.prepare(
      `DELETE FROM items WHERE rowid IN (SELECT rowid FROM items WHERE ttl <= ? LIMIT ${batchSize})`,
    );
  }

  async get(pk: string): Promise<Item | null> {
    await this.#clearing.get(pk);
    return this.getNow(pk);
  }

  async getAll(pks: readonly string[]): Promise<Map<string, Item>> {
    const found = new Map<string, Item>();
    for (const pk of pks) {
      const item = await this.get(pk);
      if (item !== null) found.set(pk, item);
    }
    return found;
  }

  async write(change: Change): Promise<Written> {
    checkChange(change);
    return change.leavesNoTrace === true ? this.#writeWithoutTrace(change) : this.#write(change);
  }

  remove(pk: string, when?: Condition): Promise<Item | null> {
    return this.#deps.run(() => this.removeNow(pk, when));
  }

  entries(range: Range): AsyncGenerator<Entry> {
    return merged(
      range.lists.map((list) => this.#listed(list, range)),
      range.order,
    );
  }

  async *list(range: Range): AsyncGenerator<ListedItem> {
    for await (const { pk, at } of this.entries(range)) {
      const item = await this.get(pk);
      if (item !== null && isIn(range.lists, { pk, at, item })) yield { pk, at, item };
    }
  }

  /** `get` within a transaction of the caller. */
  getNow(pk: string): Item | null {
    const row = this.#select.get(pk);
    const item = row === undefined ? null : itemOf(row);
    return item === null || isExpired(item, this.#deps.clock()) ? null : item;
  }

  /** `write` within a transaction of the caller, who has checked the change and sees to its traces. */
  writeNow(change: Change): Written {
    const previous = this.getNow(change.pk);
    const applied = change.when === undefined || meets(change.when, previous);
    if (applied) this.#put.run(...rowOf(changed(change, previous)));
    return { applied, previous };
  }

  /** `remove` within a transaction of the caller. */
  removeNow(pk: string, when?: Condition): Item | null {
    const item = this.getNow(pk);
    if (item === null || (when !== undefined && !meets(when, item))) return null;
    this.#delete.run(pk);
    return item;
  }

  /** The items whose keys begin with a prefix, in the order of their keys. */
  *withPrefix(prefix: string): Generator<Item> {
    let after = prefix;
    for (;;) {
      const pks = this.#pksAfter.all(after, prefix + last).map(({ pk }) => String(pk));
      for (const pk of pks) {
        const item = this.getNow(pk);
        if (item !== null) yield item;
        after = pk;
      }
      if (pks.length < batchSize) return;
    }
  }

  /** Deletes the rows of items that have expired, a hundred in a transaction. */
  async dropExpired(): Promise<void> {
    const until = Math.floor(this.#deps.clock() / 1000);
    while ((await this.#deps.run(() => this.#dropExpired.run(until).changes)) === batchSize);
  }

  #write(change: Change): Promise<Written> {
    return this.#deps.run(() => this.writeNow(change));
  }

  /** From now until every such write of the key has ended, its item cannot be read: it may be in the log. */
  async #writeWithoutTrace(change: Change): Promise<Written> {
    const { pk } = change;
    const before = this.#clearing.get(pk);
    const writing = this.#write(change).then(async (written) => {
      if (written.applied) await this.#deps.emptyLog();
      return written;
    });
    const both = Promise.allSettled([before, writing]).then(() => {
      if (this.#clearing.get(pk) === both) this.#clearing.delete(pk);
    });
    this.#clearing.set(pk, both);
    const [written] = await Promise.all([writing, before]);
    return written;
  }

  /**
   * The entries of one list, some at a time. It also finds entries that are written meanwhile behind the last one read.
   */
  async *#listed({ index, name }: List, { from = "", to = last, order }: Range): AsyncGenerator<Entry> {
    const statement = this.#rangeOf(index, order);
    let at = order === "ascending" ? from : to;
    // Below and above every key.
    let pk = order === "ascending" ? "" : last;
    for (;;) {
      const rows = statement.all(name, from, to, at, pk).map(entryOf);
      yield* rows;
      const end = rows.at(-1);
      if (end === undefined || rows.length < batchSize) return;
      ({ at, pk } = end);
    }
  }

  #rangeOf(index: List["index"], order: Range["order"]): StatementSync {
    const column = columnOf[index];
    const [behind, direction] = order === "ascending" ? [">", "ASC"] : ["<", "DESC"];
    return this.#ranges.prepare(
      `SELECT pk, at FROM items
       WHERE ${column} = ?1 AND at >= ?2 AND at <= ?3 AND (at, pk) ${behind} (?4, ?5)
       ORDER BY at ${direction}, pk ${direction} LIMIT ${batchSize}`,
    );
  }
}

/**
 * The items of a database that no server uses through this connection: to read them, or to write them in a transaction
 * of the caller. No item has expired, because the time of the store is not known.
 */
export function itemsIn(database: DatabaseSync): SqliteItems {
  return new SqliteItems(database, { clock: () => 0, run: async (work) => work(), emptyLog: async () => {} });
}

type Row = Record<string, unknown>;

function itemOf(row: Row): Item {
  const item: Item = { ...attributesOf(row["item"]), pk: String(row["pk"]) };
  for (const [name, column] of columns) {
    const value = row[column];
    if (value !== null) item[name] = readable(value);
  }
  return item;
}

/** The attributes in the JSON of a row. Broken JSON has none, and the item's schema names the missing attributes. */
function attributesOf(json: unknown): Item {
  const parsed = jsonIn(String(json));
  return typeof parsed === "object" && parsed !== null
    ? Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, readable(value)]))
    : {};
}

function readable(value: unknown): Value {
  return typeof value === "string" || typeof value === "number" ? value : Number.NaN;
}

function rowOf(item: Item): (Value | null)[] {
  const { pk = "", ttl, byTime, byBox, byPerson, at, ...rest } = item;
  return [pk, ttl ?? null, byTime ?? null, byBox ?? null, byPerson ?? null, at ?? null, JSON.stringify(rest)];
}

function entryOf(row: Row): Entry {
  return { pk: String(row["pk"]), at: String(row["at"]) };
}
