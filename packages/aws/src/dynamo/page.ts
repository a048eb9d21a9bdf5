import { GatepostError } from "@gatepost/core/errors";
import { type Page, type PageRequest, PageRoom } from "@gatepost/core/lists";
import type { Entry, Item } from "@gatepost/store";
import type { Dynamo } from "./dynamo.ts";
import { chunk } from "./groups.ts";
import { isIndexKey } from "./lists.ts";
import { queryShards, type ShardedRange } from "./query-shards.ts";

/** Most rows that are read for one page. If few of many match, a page is shorter than asked for and has `next`. */
const maxRows = 1000;

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
export async function readDynamoPage<Listed>(
  dynamo: Dynamo,
  range: ShardedRange,
  { limit, cursor, maxBytes, maxLookedAt = maxRows, hasNoSize = false }: PageRequest & Bounds,
  itemOf: (row: Item, entry: Entry) => Listed | null,
): Promise<Page<Listed>> {
  const items: Listed[] = [];
  let lookedAt = 0;
  const room = new PageRoom(hasNoSize ? Number.POSITIVE_INFINITY : maxBytes);
  let last: string | null = null;
  const isFull = () => items.length === limit || lookedAt >= maxLookedAt;
  const size = () => (isFull() ? 1 : Math.min(100, Math.max(limit - items.length, lookedAt === 0 ? 1 : readAhead)));
  const entries = after(queryShards(dynamo, beginningAt(cursor, range)), cursor);
  for await (const { entry, row } of rowsOf(dynamo, entries, { size, isFull })) {
    if (isFull()) return { items, next: last, bytes: room.used };
    const item = row === undefined ? null : itemOf(row, entry);
    if (item !== null && !room.takes(bytesOf(row))) return { items, next: last, bytes: room.used };
    if (item !== null) items.push(item);
    lookedAt += 1;
    last = entry.at;
  }
  return { items, next: null, bytes: room.used };
}

/** The entries with their rows, read in groups. Once the page is full, the rows are not read. */
async function* rowsOf(
  dynamo: Dynamo,
  entries: AsyncIterable<Entry>,
  { size, isFull }: { size(): number; isFull(): boolean },
): AsyncGenerator<{ entry: Entry; row: Item | undefined }> {
  for await (const group of chunk(entries, size)) {
    const rows = isFull() ? null : await dynamo.getAll(group.map(({ pk }) => pk));
    for (const entry of group) yield { entry, row: rows?.get(entry.pk) };
  }
}

/** The approximate size of a row in bytes: the size of its texts. */
export function bytesOf(row: Item | undefined): number {
  return Object.values(row ?? {}).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)), 0);
}

function beginningAt(cursor: string | null, range: ShardedRange): ShardedRange {
  if (cursor === null) return range;
  if (isIndexKey(cursor)) return { ...range, ...(range.order === "descending" ? { to: cursor } : { from: cursor }) };
  throw new GatepostError("bad-request", "this cursor is of another list; begin again without it");
}

/** Skips the entry that the cursor names: the page before has it. */
export async function* after(entries: AsyncIterable<Entry>, cursor: string | null): AsyncGenerator<Entry> {
  for await (const entry of entries) if (entry.at !== cursor) yield entry;
}
