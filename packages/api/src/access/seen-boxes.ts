import { type CursorSeal, maxPageBytes, type Page, type PageRequest } from "@gatepost/core/lists";
import { jsonBytes } from "../page.ts";

/** The boxes that a limited key sees. */
export interface Seen {
  boxes: readonly string[];
  isSeen(box: string): boolean;
  /** The boxes of a site, seen or not. */
  boxesOf(site: string): Promise<readonly string[]>;
  seal: CursorSeal;
}

/** The asked boxes that the key sees. */
export function among(seen: readonly string[], asked: readonly string[] | null): readonly string[] {
  return asked === null ? seen : asked.filter((box) => seen.includes(box));
}

/** How often a store is asked for one page: nearly everything it returns may be invisible to the key. */
export const maxReads = 10;

type ReadPage<Item> = (page: PageRequest) => Promise<Page<Item>>;

/**
 * Reads a page of the items that the key sees. It is full unless the list ends, half of its bytes are used, or the
 * store was asked ten times.
 *
 * @param seenOf picks the visible items from a page of the store
 */
export async function seenPage<Item>(
  { limit, cursor, maxBytes = maxPageBytes }: PageRequest,
  read: ReadPage<Item>,
  { seenOf, seal }: { seenOf: (items: readonly Item[]) => Item[] | Promise<Item[]>; seal: CursorSeal },
): Promise<Page<Item>> {
  const items: Item[] = [];
  let next = cursor === null ? null : seal.open(cursor);
  let bytes = 0;
  for (let reads = 0; reads < maxReads && bytes < maxBytes / 2; reads++) {
    const page = await read({ limit: limit - items.length, cursor: next, maxBytes: maxBytes - bytes });
    const seen = await seenOf(page.items);
    items.push(...seen);
    bytes += page.bytes ?? jsonBytes(seen);
    next = page.next;
    if (next === null || items.length === limit) break;
  }
  return { items, next: next === null ? null : seal.seal(next), bytes };
}
