import { setImmediate as nextTurn } from "node:timers/promises";
import { cursorSigner, maxPageBytes, type Page, type PageRequest } from "@gatepost/core/lists";
import { shortName } from "@gatepost/protocol";
import * as z from "zod";
import { namedObject } from "./openapi/named.ts";
import type { ApiPorts } from "./ports.ts";

export const signedCursor = z.string().min(1, "leave it out for the first page").max(4096);

/** Items of a page if the request gives no number. */
export const usualLimit = 50;

/** The form of `limit` in the document. */
const limitForm = { type: "integer", pattern: undefined, minimum: 1, maximum: 500 } as const;

/** The parameters of every list that is answered in pages. */
export const paging = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "must be a whole number from 1 to 500")
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 500, "must be a whole number from 1 to 500")
    .default(usualLimit)
    .meta({ description: "The largest number of items of one page.", ...limitForm, default: usualLimit }),
  cursor: signedCursor
    .meta({ description: "`next` of the previous page, with the same filter; leave it out for the first page." })
    .exactOptional(),
};

/** The same of a list that is answered as a whole without them. */
export const optionalPaging = {
  limit: paging.limit
    .unwrap()
    .meta({
      description: "The most that one page may contain; everything if neither this nor `cursor` is given.",
      ...limitForm,
    })
    .exactOptional(),
  cursor: paging.cursor,
};

/** The start of the next page of a list. */
export const nextPage = z.string().nullable();

/** The answer of a route that counts. */
export const counted = namedObject("Count", { count: z.int(), isExact: z.boolean() });

/** ms of CPU after which a page is answered as it is: few of many items match. */
const enoughCpuMs = 50;

/** A page with so many bytes is answered as it is: one more of the store always fits into the rest. */
export const enoughBytes = maxPageBytes / 2;

function cpuMsOfThread(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * Reads one page of `list`. Its cursors are signed for this list with this filter. A store may answer a short page, even
 * an empty one; then it is asked again, until the page is full, the list ends, or enough bytes or CPU are used.
 */
export async function readPage<Filter extends object, Item>(
  list: string,
  { limit, cursor, ...filter }: Filter & { limit: number; cursor?: string | undefined },
  read: (filter: Omit<Filter, "limit" | "cursor">, page: PageRequest) => Promise<Page<Item>>,
  { cursorSecret, cpuMs = cpuMsOfThread }: Pick<ApiPorts, "cursorSecret" | "cpuMs">,
): Promise<Page<Item>> {
  const signer = cursorSigner([list, filter], cursorSecret);
  const until = cpuMs() + enoughCpuMs;
  const items: Item[] = [];
  let bytes = 0;
  let next = cursor === undefined ? null : signer.verify(cursor, "cursor");
  for (;;) {
    const asked = { limit: limit - items.length, cursor: next, maxBytes: maxPageBytes - bytes };
    const page = await read(filter, asked);
    items.push(...page.items);
    next = page.next;
    if (next === null) return { items, next };
    // The bytes of a full page are not counted: it is not asked on.
    if (items.length < limit) bytes += page.bytes ?? jsonBytes(page.items);
    if (items.length >= limit || bytes >= enoughBytes || cpuMs() >= until) return { items, next: signer.sign(next) };
    // Reports of boxes are first.
    await nextTurn();
  }
}

/** Bytes of items as JSON. */
export function jsonBytes(items: readonly unknown[]): number {
  return items.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(items));
}

/**
 * The place behind the item that a cursor of `pageOf` names. If that item is gone, the place is its own: no other item is
 * left out or repeated.
 */
export function startAfter<Item>(list: readonly Item[], cursor: string | null, nameOf: (item: Item) => string): number {
  const [, place = "0", name] = /^(\d+) (.*)$/s.exec(cursor ?? "") ?? [];
  if (name === undefined) return 0;
  const isNamed = (item: Item) => shortName(nameOf(item)) === name;
  // Usually the item is where it was; and a box can send a name that is the short one of another.
  const at = Number(place);
  const found = list.slice(at, at + 1).some(isNamed) ? at : list.findIndex(isNamed);
  return found < 0 ? at : found + 1;
}

/** The cursor of an item. Boxes may send a name of 8 KB, and a signed cursor has at most 4096 characters. */
export function cursorAt(place: number, name: string): string {
  return `${place} ${shortName(name)}`;
}

/** A page of a list that is held as a whole. `nameOf` names each item, the same in the next request. */
export function pageOf<Item>(
  list: readonly Item[],
  { limit, cursor }: PageRequest,
  nameOf: (item: Item) => string,
): Page<Item> {
  const start = startAfter(list, cursor, nameOf);
  const items = list.slice(start, start + limit);
  const [last, end] = [items.at(-1), start + items.length];
  return { items, next: last === undefined || end >= list.length ? null : cursorAt(end - 1, nameOf(last)) };
}

/**
 * A page of events as JSON. It does not use `Response.json`, which takes 50 % longer for tens of kilobytes. It does not
 * give text to `Response` either, which takes a quarter longer if names are Chinese.
 */
export function jsonPage(page: object): Response {
  return new Response(Buffer.from(JSON.stringify(page)), { headers: { "content-type": "application/json" } });
}
