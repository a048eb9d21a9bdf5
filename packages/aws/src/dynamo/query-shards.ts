import type { Dynamo, KeyPage, KeyRange } from "./dynamo.ts";
import { type IndexName, indexKeys } from "./table.ts";

/** A row's place in a list. */
export interface IndexEntry {
  pk: string;
  at: string;
  index: IndexName;
}

export interface ShardedRange {
  /** The keys over which the list is spread. */
  shards: readonly Pick<KeyRange, "index" | "hash">[];
  /** Places to begin and end at, both included. */
  from?: string;
  to?: string;
  order: KeyRange["order"];
}

/** Places read of one key at a time. */
const pageSize = 32;

/** Below and above every place. */
const [first, last] = ["0", "~"];

/** Goes through a sharded list in order: one query a shard to begin with, and one more whenever a shard is read up. */
export async function* queryShards(
  dynamo: Dynamo,
  { shards, from = first, to = last, order }: ShardedRange,
): AsyncGenerator<IndexEntry> {
  if (from > to) return;
  const queues = await Promise.all(
    shards.map((shard) => ShardCursor.open(dynamo, { ...shard, from, to, order, limit: pageSize })),
  );
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

/** Collects what comes one by one into groups of the size that is asked for each. */
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

/** One shard of a list, read page by page. */
class ShardCursor {
  readonly #dynamo: Dynamo;
  readonly #range: KeyRange;
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
    this.#entries = keys.reverse().map((key) => ({ pk: String(key["pk"]), at: String(key[range]), index }));
    this.#next = next;
  }
}
