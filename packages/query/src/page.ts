import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import type { ApiPorts, Page, PageRequest } from "./ports.ts";

const macBytes = 16;

/** The parameters of everything that comes in pages. */
export const paging = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "must be a whole number from 1 to 500")
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 500, "must be a whole number from 1 to 500")
    .default(50),
  cursor: z.string().min(1, "leave it out for the first page").max(4096).exactOptional(),
};

/**
 * Reads one page of `list`, its cursors sealed: opaque to callers, good for this list with this filter alone, so that no
 * adapter ever sees one it did not make.
 */
export async function readPage<Filter extends object, Item>(
  list: string,
  { limit, cursor, ...filter }: Filter & { limit: number; cursor?: string },
  read: (filter: Omit<Filter, "limit" | "cursor">, page: PageRequest) => Promise<Page<Item>>,
  on: ApiPorts,
): Promise<Page<Item>> {
  const seal = sealFor([list, filter], on.cursorSecret);
  const page = await read(filter, { limit, cursor: cursor === undefined ? null : seal.open(cursor) });
  return { items: page.items, next: page.next === null ? null : seal.close(page.next) };
}

function sealFor(question: unknown, secret: Buffer) {
  const hash = createHash("sha256").update(JSON.stringify(question)).digest();
  const sign = (cursor: Uint8Array) =>
    createHmac("sha256", secret).update(hash).update(cursor).digest().subarray(0, macBytes);
  return {
    close(cursor: string): string {
      const bytes = Buffer.from(cursor);
      return Buffer.concat([sign(bytes), bytes]).toString("base64url");
    },
    open(sealed: string): string {
      const bytes = Buffer.from(sealed, "base64url");
      const [mac, cursor] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)];
      if (mac.length === macBytes && timingSafeEqual(mac, sign(cursor))) return cursor.toString();
      throw new GatepostError("bad-request", "cursor: it is not from this list with this filter; begin without one");
    },
  };
}
