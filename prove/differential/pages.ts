import * as z from "zod";
import type { Asked, Side, Told } from "./side.ts";

/** Pages of one list at most. */
const maxPages = 1000;

const pageSchema = z.looseObject({ next: z.string().nullable() });
const items = z.array(z.unknown());
const named = z.array(z.object({ id: z.string() }));

/** A list as a whole: how it is cut into pages is up to each store. */
export async function allPages(side: Side, asked: Asked, list: string): Promise<Told> {
  const all: unknown[] = [];
  let path = asked.path;
  for (let pages = 0; pages < maxPages; pages++) {
    const told = await side.ask({ ...asked, path });
    if (told.status !== 200) return told;
    const page = pageSchema.parse(told.body);
    all.push(...items.parse(page[list]));
    if (page.next === null) return { status: 200, body: all };
    path = `${asked.path}${asked.path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(page.next)}`;
  }
  return { status: 0, body: "the pages have no end" };
}

/** The ids of a list's items; none if the value is no list. */
export function idsIn(list: unknown): string[] {
  return named.safeParse(list).data?.map(({ id }) => id) ?? [];
}
