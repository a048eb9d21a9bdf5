import { createHash } from "node:crypto";
import { compareTexts } from "./condition.ts";
import type { Entry, Items, List, ListedItem, Range } from "./port.ts";

const digits = 13;
const latest = 10 ** digits - 1;

/** A longer id is replaced by its hash in the name of a list. */
const maxIdBytes = 256;

/** The place of an item in a list: its time in ms, and its id to tell apart items of the same time. */
export function placeAt(time: number, id: string): string {
  return `${timeText(time)} ${id}`;
}

/** A time in ms as text, which is before all places of this time. The order of such texts is the order of the times. */
export function timeText(time: number): string {
  return String(Math.min(Math.max(Math.trunc(time), 0), latest)).padStart(digits, "0");
}

/** The time in ms of a place; NaN if the text is not one. */
export function timeOfPlace(place: string): number {
  return Number(place.slice(0, digits));
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
  maxBytes?: number | undefined;
}

/**
 * Reads one page of a range. The cursor is the place of the last item that was read, so items that are added or removed
 * meanwhile neither move nor repeat others.
 *
 * @param listed the listing of an item, with its bytes; null: it is left out
 */
export async function readListPage<Listed>(
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
    const listing = listed(entry);
    if (listing !== null) {
      page.items.push(listing.value);
      bytes += listing.bytes;
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

/**
 * Most sequences that begin at once. On DynamoDB a key that is limited to 50 boxes has a list of 800 shards, and each call
 * has a time limit.
 */
const openedAtOnce = 64;

/** Joins sorted sequences of entries into one. It reads from a sequence again when its last entry has been used. */
export async function* merged<One extends Entry>(
  sequences: readonly AsyncIterable<One>[],
  order: Range["order"],
): AsyncGenerator<One> {
  const isBefore = (a: One, b: One) => (order === "ascending" ? compareEntries(a, b) < 0 : compareEntries(b, a) < 0);
  const iterators = sequences.map((sequence) => sequence[Symbol.asyncIterator]());
  const heads = new Map<AsyncIterator<One>, One>();
  const advance = async (iterator: AsyncIterator<One>) => {
    const { done, value } = await iterator.next();
    if (done === true) heads.delete(iterator);
    else heads.set(iterator, value);
  };
  try {
    for (let from = 0; from < iterators.length; from += openedAtOnce)
      await Promise.all(iterators.slice(from, from + openedAtOnce).map(advance));
    for (;;) {
      let next: [AsyncIterator<One>, One] | undefined;
      for (const head of heads) if (next === undefined || isBefore(head[1], next[1])) next = head;
      if (next === undefined) return;
      yield next[1];
      await advance(next[0]);
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

/** The order of two entries of a list: by place, and at the same place by key. */
export function compareEntries(a: Entry, b: Entry): number {
  return compareTexts(a.at, b.at) || compareTexts(a.pk, b.pk);
}
