import * as z from "zod";
import type { ApiPorts, Page, PageRequest } from "./ports.ts";
import { sealFor } from "./cursor-signer.ts";

export const sealedCursor = z.string().min(1, "leave it out for the first page").max(4096);

/** The parameters of everything that comes in pages. */
export const paging = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "must be a whole number from 1 to 500")
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 500, "must be a whole number from 1 to 500")
    .default(50)
    .meta({
      description: "The most that one page may hold.",
      ...{ type: "integer", pattern: undefined, minimum: 1, maximum: 500, default: 50 },
    }),
  cursor: sealedCursor
    .meta({ description: "`next` of the page before, with the same filter; leave it out for the first page." })
    .exactOptional(),
};

/** Where the next page of a list begins. */
export const nextPage = z.string().nullable().meta({ description: "The cursor of the next page; null at the end." });

/** Reads one page of `list`, its cursors sealed for this list with this filter. */
export async function readPage<Filter extends object, Item>(
  list: string,
  { limit, cursor, ...filter }: Filter & { limit: number; cursor?: string },
  read: (filter: Omit<Filter, "limit" | "cursor">, page: PageRequest) => Promise<Page<Item>>,
  on: ApiPorts,
): Promise<Page<Item>> {
  const seal = sealFor([list, filter], on.cursorSecret);
  const page = await read(filter, { limit, cursor: cursor === undefined ? null : seal.open(cursor, "cursor") });
  return { items: page.items, next: page.next === null ? null : seal.close(page.next) };
}
