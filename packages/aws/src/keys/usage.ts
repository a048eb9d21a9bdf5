import * as z from "zod/mini";
import type { Item } from "../dynamo/item.ts";
import type { KeyRow } from "./row.ts";

const usage = z.lazy(() => z.object({ lastUsedAt: z.number() }));

/**
 * The row with the last use of a key. It is a row of its own: the function that notes it may not write rows of keys.
 */
export function usageRow(keyId: string): string {
  return `used ${keyId}`;
}

/**
 * When a key was last used (ms since 1970); undefined where it never was. Before 2026-12 that was in the key's own row.
 */
export function lastUsedAt({ pk, lastUsedAt: before }: KeyRow, rows: ReadonlyMap<string, Item>): number | undefined {
  const row = rows.get(usageRow(pk));
  // A broken row keeps nobody out, because it says nothing of the key itself. The next use writes it anew.
  const noted = usage.safeParse(row).data?.lastUsedAt;
  const known = [before, noted].filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
