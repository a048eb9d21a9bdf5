import { parseStored } from "@gatepost/protocol";
import * as z from "zod/mini";
import type { Item } from "../dynamo/item.ts";
import type { KeyRow } from "./row.ts";

const usage = z.lazy(() => z.object({ lastUsedAt: z.number() }));

/**
 * The row that says when a key was last used. It is not the key's own row: whoever opens something with a key notes its
 * use, and may write no row of a key.
 */
export function usageRow(keyId: string): string {
  return `used ${keyId}`;
}

/** When a key was last used, ms; undefined where it never was. Before 2026-12 that stood in the key's own row. */
export function lastUsedAt({ pk, lastUsedAt: before }: KeyRow, rows: ReadonlyMap<string, Item>): number | undefined {
  const row = rows.get(usageRow(pk));
  const noted = row === undefined ? undefined : parseStored(usage, row, `the use of key ${pk}`).lastUsedAt;
  const known = [before, noted].filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
