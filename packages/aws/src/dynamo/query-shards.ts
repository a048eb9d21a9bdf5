import type { Dynamo, KeyPage, KeyRange } from "./dynamo.ts";
import { textOf } from "./item.ts";
import { type IndexName, indexKeys } from "./table.ts";

/** One entry of an index: the key of a row, and where the row is in the list. */
export interface IndexEntry {
  pk: string;
  at: string;
  index: IndexName;
}

export interface ShardedRange {
  /** The shards of the list. */
  shards: readonly Pick<KeyRange, "index" | "hash">[];
  /** Index keys to begin and end at, both included. */
  from?: string;
  to?: string;
  order: KeyRange["order"];
}

/**
 * Entries that the first query of a shard reads. Each further query reads twice as many: whoever reads that far mostly
 * reads to the end, and a list of 10,000 keys or connections would take 300 queries of this size.
 */
const pageSize = 32;
const maxPageSize = 1024;

/**
 * Most queries that begin at once. A key that is limited to 50 boxes has a list of 800 shards, and each call has a time
 * limit.
 */
const openedAtOnce = 64;

/** The first is lower, the last higher than every index key. */
const [first, last] = ["0", "~"];

/**
 * Reads the entries of a sharded list in order. It begins with one query for each shard, and makes another one when the
 * entries of a shard are used up.
 */
export async function* queryShards(
  dynamo: Dynamo,
  { shards, from = first, to = last, order }: ShardedRange,
): AsyncGenerator<IndexEntry> {
  if (from > to) return;
  const queues: ShardCursor[] = [];
  for (let at = 0; at < shards.length; at += openedAtOnce) {
    const some = shards.slice(at, at + openedAtOnce);
    const opened = some.map((shard) => ShardCursor.open(dynamo, { ...shard, from, to, order, limit: pageSize }));
    queues.push(...(await Promise.all(opened)));
  }
  const isBefore = (a: string, b: string) => (order === "ascending" ? a < b : a > b);
  for (;;) {
    let next: ShardCursor | undefined;
    for (const shard of queues) {
      if (shard.head !== undefined && (next?.head === undefined || isBefore(shard.head.at, next.head.at))) next = shard;
    }
    if (next?.head === undefined) return;
    yield next.head;
    await next.advance();
  }
}

/** Collects items into groups. `size` gives the size of the next group. */
export async function* chunk<Item>(items: AsyncIterable<Item>, size: () => number): AsyncGenerator<Item[]> {
  let items_: Item[] = [];
  for await (const item of items) {
    items_.push(item);
    if (items_.length < size()) continue;
    yield items_;
    items_ = [];
  }
  if (items_.length > 0) yield items_;
}

/** Reads one shard of a list, page by page. */
class ShardCursor {
  readonly #dynamo: Dynamo;
  #range: KeyRange;
  #entries: IndexEntry[] = [];
  #next: KeyPage["next"];

  private constructor(dynamo: Dynamo, range: KeyRange) {
    this.#dynamo = dynamo;
    this.#range = range;
  }

  static async open(dynamo: Dynamo, range: KeyRange): Promise<ShardCursor> {
    const shard = new ShardCursor(dynamo, range);
    await shard.#read();
    return shard;
  }

  get head(): IndexEntry | undefined {
    return this.#entries.at(-1);
  }

  async advance(): Promise<void> {
    this.#entries.pop();
    while (this.#entries.length === 0 && this.#next !== undefined) await this.#read();
  }

  async #read(): Promise<void> {
    const { index } = this.#range;
    const { keys, next } = await this.#dynamo.keys(this.#range, this.#next);
    const { range } = indexKeys[index];
    this.#entries = keys.reverse().map((key) => ({ pk: textOf(key, "pk"), at: textOf(key, range), index }));
    this.#next = next;
    this.#range = { ...this.#range, limit: Math.min(2 * this.#range.limit, maxPageSize) };
  }
}
