import { maxPageBytes } from "../page-room.ts";
import type { ChangeFeed } from "../ports/change-feed.ts";
import type { Page, PageRequest } from "../ports/page.ts";
import type { CursorSeal } from "./sealed-cursor.ts";

/** What a limited key sees. */
export interface Seen {
  boxes: readonly string[];
  isSeen(box: string): boolean;
  /** Whether it is an event of a box that is seen. */
  hasEvent(id: string): Promise<boolean>;
  /** Those of these events that are of a box that is seen. They are read at once. */
  eventsAmong(ids: readonly string[]): Promise<ReadonlySet<string>>;
  seal: CursorSeal;
}

/** How often a store is asked for one page: nearly everything it returns may be invisible to the key. */
const maxReads = 10;

/** The store is not asked for more once so much of a page is used: what it returns then always fits. */
const enoughBytes = maxPageBytes / 2;

type ReadPage<Item> = (page: PageRequest) => Promise<Page<Item>>;

/**
 * Reads a page of what is seen. It is full unless the list ends, half of its bytes are used, or the store was asked ten
 * times.
 *
 * @param seenOf picks what is seen of a page of the store
 */
export async function seenPage<Item>(
  { limit, cursor }: PageRequest,
  read: ReadPage<Item>,
  { seenOf, seal }: { seenOf: (items: readonly Item[]) => Item[] | Promise<Item[]>; seal: CursorSeal },
): Promise<Page<Item>> {
  const items: Item[] = [];
  let next = cursor === null ? null : seal.open(cursor);
  let bytes = 0;
  for (let reads = 0; reads < maxReads && bytes < enoughBytes; reads++) {
    const page = await read({ limit: limit - items.length, cursor: next, maxBytes: maxPageBytes - bytes });
    const seen = await seenOf(page.items);
    items.push(...seen);
    bytes += page.bytes ?? bytesOf(seen);
    next = page.next;
    if (next === null || items.length === limit) break;
  }
  return { items, next: next === null ? null : seal.seal(next) };
}

/** The feed of changes that a limited key sees. Its cursors stay valid for ever, too. */
export function seenFeed(
  feed: ChangeFeed,
  { isSeen, hasEvent, seal }: Pick<Seen, "isSeen" | "hasEvent" | "seal">,
): ChangeFeed {
  return {
    async read(after, limit) {
      const items: Awaited<ReturnType<ChangeFeed["read"]>>["items"] = [];
      let cursor = after === null ? null : seal.open(after);
      let bytes = 0;
      for (let reads = 1; ; reads++) {
        const page = await feed.read(cursor, limit - items.length, maxPageBytes - bytes);
        const seen = page.items.filter(({ event }) => isSeen(event.box));
        items.push(...seen);
        bytes += bytesOf(seen);
        cursor = page.next;
        const isDone = page.isEnd || items.length === limit || bytes >= enoughBytes || reads === maxReads;
        if (isDone) return { items, next: seal.seal(cursor), isEnd: page.isEnd };
      }
    },
    end: async () => seal.seal(await feed.end()),
    madeAt: async (eventId) => ((await hasEvent(eventId)) ? feed.madeAt(eventId) : null),
  };
}

function bytesOf(items: readonly unknown[]): number {
  return Buffer.byteLength(JSON.stringify(items));
}
