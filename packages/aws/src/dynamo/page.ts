import { GatepostError } from "@gatepost/ingest";
import type { Page, PageRequest } from "@gatepost/query";
import type { Dynamo } from "./dynamo.ts";
import { isIndexKey } from "./index-keys.ts";
import type { Item } from "./item.ts";
import { chunk, type IndexEntry, queryShards, type ShardedRange } from "./query-shards.ts";

/** Most rows that are read for one page. Where few of many match, a page is shorter than asked for and has `next`. */
const maxRows = 1000;

/** About the most bytes of the rows of one page: an answer of Lambda has at most 6 MB, and a row may have 400 KB. */
export const maxPageBytes = 2 * 1024 * 1024;

/** How many rows are read at a time once it is clear that not every row matches. */
const readAhead = 50;

/** Other limits, for answers that are not pages. */
interface Bounds {
  /** Most rows that are read. */
  maxLookedAt?: number;
  /** Whether the rows are not part of the answer, so that their bytes do not count. */
  hasNoSize?: boolean;
}

/**
 * Reads rows in the order of their index keys until a page is full, the list ends, or enough rows were read. The cursor
 * is the index key of the last row that was read. So rows that are added or removed in the meantime neither move nor
 * repeat other rows.
 */
export async function readPage<Listed>(
  dynamo: Dynamo,
  range: ShardedRange,
  { limit, cursor, maxLookedAt = maxRows, hasNoSize = false }: PageRequest & Bounds,
  itemOf: (row: Item, entry: IndexEntry) => Listed | null,
): Promise<Page<Listed>> {
  const items: Listed[] = [];
  let lookedAt = 0;
  let bytes = 0;
  let last: string | null = null;
  const sizeOf = (row: Item | undefined) => (hasNoSize ? 0 : bytesOf(row));
  const isFull = () => items.length === limit || lookedAt >= maxLookedAt || bytes >= maxPageBytes;
  const size = () => (isFull() ? 1 : Math.min(100, Math.max(limit - items.length, lookedAt === 0 ? 1 : readAhead)));
  for await (const group of chunk(after(queryShards(dynamo, beginningAt(cursor, range)), cursor), size)) {
    if (isFull()) return { items, next: last };
    const rows = await dynamo.getAll(group.map(({ pk }) => pk));
    for (const entry of group) {
      if (isFull()) return { items, next: last };
      const row = rows.get(entry.pk);
      const item = row === undefined ? null : itemOf(row, entry);
      if (item !== null) {
        items.push(item);
        bytes += sizeOf(row);
      }
      lookedAt += 1;
      last = entry.at;
    }
  }
  return { items, next: null };
}

/** The approximate size of a row in bytes: that of its texts. */
export function bytesOf(row: Item | undefined): number {
  return Object.values(row ?? {}).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)), 0);
}

function beginningAt(cursor: string | null, range: ShardedRange): ShardedRange {
  if (cursor === null) return range;
  if (isIndexKey(cursor)) return { ...range, ...(range.order === "descending" ? { to: cursor } : { from: cursor }) };
  throw new GatepostError("bad-request", "this cursor is of another list; begin again without it");
}

/** Skips the entry that the cursor names: the page before has it. */
export async function* after(entries: AsyncIterable<IndexEntry>, cursor: string | null): AsyncGenerator<IndexEntry> {
  for await (const entry of entries) if (entry.at !== cursor) yield entry;
}
