import { GatepostError } from "@gatepost/ingest";
import type { Page, PageRequest } from "@gatepost/query";
import type { Dynamo } from "./dynamo.ts";
import { isIndexKey } from "./index-keys.ts";
import type { Item } from "./item.ts";
import { chunk, type IndexEntry, queryShards, type ShardedRange } from "./query-shards.ts";

/** Rows that one page looks at; a page with few hits among many rows comes short, and with `next`. */
const maxLookedAt = 1000;

/** Rows read at a time once it shows that not each of them is a hit. */
const readAhead = 50;

/**
 * Reads rows in the order of their places until a page is full, the list ends, or enough was looked at. The cursor is
 * the last place looked at, so rows that come or go meanwhile neither shift nor repeat others.
 */
export async function readPage<Listed>(
  dynamo: Dynamo,
  range: ShardedRange,
  { limit, cursor }: PageRequest,
  itemOf: (row: Item, entry: IndexEntry) => Listed | null,
): Promise<Page<Listed>> {
  const items: Listed[] = [];
  let lookedAt = 0;
  let last: string | null = null;
  const isFull = () => items.length === limit || lookedAt >= maxLookedAt;
  const size = () => (isFull() ? 1 : Math.min(100, Math.max(limit - items.length, lookedAt === 0 ? 1 : readAhead)));
  for await (const group of chunk(after(queryShards(dynamo, { ...range, ...upTo(cursor) }), cursor), size)) {
    if (isFull()) return { items, next: last };
    const rows = await dynamo.getAll(group.map(({ pk }) => pk));
    for (const entry of group) {
      if (isFull()) return { items, next: last };
      const row = rows.get(entry.pk);
      const item = row === undefined ? null : itemOf(row, entry);
      if (item !== null) items.push(item);
      lookedAt += 1;
      last = entry.at;
    }
  }
  return { items, next: null };
}

function upTo(cursor: string | null): { to?: string } {
  if (cursor === null) return {};
  if (isIndexKey(cursor)) return { to: cursor };
  throw new GatepostError("bad-request", "this cursor is of another list; begin again without it");
}

/** Places without the one that was the last before. */
export async function* after(entries: AsyncIterable<IndexEntry>, cursor: string | null): AsyncGenerator<IndexEntry> {
  for await (const entry of entries) if (entry.at !== cursor) yield entry;
}
