import { type Entry, merged } from "@gatepost/store";
import type { Dynamo, KeyPage, KeyRange } from "./dynamo.ts";
import { textOf } from "./item.ts";
import { indexKeys } from "./table.ts";

export interface ShardedRange {
  /** The shards of the list. */
  shards: readonly Pick<KeyRange, "index" | "hash">[];
  /** Index keys to begin and end at, both included. */
  from?: string | undefined;
  to?: string | undefined;
  order: KeyRange["order"];
}

/**
 * Entries that the first query of a shard reads. Each further query reads twice as many: a caller that reads that far
 * mostly reads to the end, and a list of 10,000 keys or connections would take 300 queries of this size.
 */
const pageSize = 32;
const maxPageSize = 1024;

/** The first is lower, the last higher than every index key. */
const [first, last] = ["0", "~"];

/**
 * Reads the entries of a sharded list in order. It begins with one query for each shard, and makes another one when the
 * entries of a shard are used up.
 */
export function queryShards(
  dynamo: Dynamo,
  { shards, from = first, to = last, order }: ShardedRange,
): AsyncGenerator<Entry> {
  const read = from > to ? [] : shards.map((shard) => entriesOf(dynamo, { ...shard, from, to, order }));
  return merged(read, order);
}

/** The entries of one shard, page by page. */
async function* entriesOf(dynamo: Dynamo, range: Omit<KeyRange, "limit">): AsyncGenerator<Entry> {
  const place = indexKeys[range.index].range;
  let limit = pageSize;
  let after: KeyPage["next"];
  do {
    const { keys, next } = await dynamo.keys({ ...range, limit }, after);
    for (const key of keys) yield { pk: textOf(key, "pk"), at: textOf(key, place) };
    after = next;
    limit = Math.min(2 * limit, maxPageSize);
  } while (after !== undefined);
}
