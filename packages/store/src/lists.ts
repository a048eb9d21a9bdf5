import { createHash } from "node:crypto";
import { compareTexts } from "./condition.ts";
import type { Entry, Items, List, ListedItem, Range } from "./port.ts";

const digits = 13;
const latest = 10 ** digits - 1;

/** A longer id is replaced by its hash in the name of a list. */
const maxIdBytes = 256;

/** The place of an item in a list: its time in ms, and its id to tell apart items of the same time. */
export function placeAt(time: number, id: string): string {
  const bounded = Math.min(Math.max(Math.trunc(time), 0), latest);
  return `${String(bounded).padStart(digits, "0")} ${id}`;
}

/** The list of an item, if it is in one of some lists at a place. */
export function isIn(lists: readonly List[], { item, at }: ListedItem): boolean {
  return item["at"] === at && lists.some(({ index, name }) => item[index] === name);
}

/**
 * The name of a list of one box, site or person: the id, or its hash if the id is too long for an index key or could be
 * taken for a list that is spread.
 */
export function listOf(kind: string, id: string): string {
  const isPlain = Buffer.byteLength(id) <= maxIdBytes && id.isWellFormed() && !/#\d*$/.test(id);
  return `${kind} ${isPlain ? id : createHash("sha256").update(JSON.stringify(id)).digest("hex")}`;
}

export interface Page<Listed> {
  items: Listed[];
  /** The place of the last item that was read; null at the end of the list. The next page continues after it. */
  next: string | null;
}

export interface PageRequest {
  limit: number;
  cursor: string | null;
  /** Most items that are read, if few of many are listed. */
  maxRead?: number;
  /** About the most bytes of a page. */
  maxBytes?: number;
}

/**
 * Reads one page of a range. The cursor is the place of the last item that was read, so items that are added or removed
 * meanwhile neither move nor repeat others.
 *
 * @param listed what an item is listed as, with its bytes; null: it is left out
 */
export async function readPage<Listed>(
  items: Items,
  range: Range,
  { limit, cursor, maxRead = 1000, maxBytes = 4 * 1024 * 1024 }: PageRequest,
  listed: (entry: ListedItem) => { value: Listed; bytes: number } | null,
): Promise<Page<Listed>> {
  const page: Page<Listed> = { items: [], next: null };
  let read = 0;
  let bytes = 0;
  let last: string | null = null;
  for await (const entry of items.list(continuedAt(cursor, range))) {
    if (entry.at === cursor) continue;
    if (page.items.length === limit || read === maxRead || bytes >= maxBytes) return { ...page, next: last };
    const one = listed(entry);
    if (one !== null) {
      page.items.push(one.value);
      bytes += one.bytes;
    }
    read += 1;
    last = entry.at;
  }
  return page;
}

function continuedAt(cursor: string | null, range: Range): Range {
  if (cursor === null) return range;
  return range.order === "ascending" ? { ...range, from: cursor } : { ...range, to: cursor };
}

/** Joins sorted sequences of entries into one. */
export async function* merged<One extends Entry>(
  sequences: readonly AsyncIterable<One>[],
  order: Range["order"],
): AsyncGenerator<One> {
  const direction = order === "ascending" ? 1 : -1;
  const iterators = sequences.map((sequence) => sequence[Symbol.asyncIterator]());
  const heads = new Map<AsyncIterator<One>, One>();
  const advance = async (iterator: AsyncIterator<One>) => {
    const { done, value } = await iterator.next();
    if (done === true) heads.delete(iterator);
    else heads.set(iterator, value);
  };
  try {
    await Promise.all(iterators.map(advance));
    while (heads.size > 0) {
      const [iterator, entry] = [...heads].reduce((best, head) =>
        inOrder(head[1], best[1]) * direction < 0 ? head : best,
      );
      yield entry;
      await advance(iterator);
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

/** The order of two entries of a list: by place, and at the same place by key. */
export function inOrder(a: Entry, b: Entry): number {
  return compareTexts(a.at, b.at) || compareTexts(a.pk, b.pk);
}
