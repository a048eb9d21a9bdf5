import { dayMs, hourMs, parseStored } from "@gatepost/protocol";
import { type Item, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/item.ts";
import { ErasureEpoch, propagationMs } from "./erasure-epoch.ts";

/*
 * Shared pictures that an erasure may remove. S3 cannot remove an object on the condition that it was not written again
 * meanwhile: equal bytes have an equal ETag. So each of them has a row as long as it may be removed. While the row
 * exists, no process writes or relies on the object: a report keeps the picture in an object of its event.
 */

/** ms for which a mark is valid. A later sweep marks the picture again. */
export const leavingMs = dayMs;

/** ms for which the mark must still be valid when the object is removed. */
const marginMs = hourMs;

const leaving = z.lazy(() => z.object({ since: z.number(), ttl: z.number() }));

export function leavingRow(key: string): string {
  return `leaving ${key}`;
}

/** Whether the row of a picture says that it may be removed. */
export function isLeaving(row: Item | undefined, now: number): boolean {
  return row !== undefined && !isExpired(row, now);
}

type Deps = { dynamo: Dynamo; clock(): number };

/**
 * Marks a picture as one that may be removed, unless it is already. What processes remember of pictures ends with that:
 * one of them may remember this one.
 *
 * @returns whether every process knows it by now, and will for a while: only then it may be removed
 */
export async function markLeaving(key: string, { dynamo, clock }: Deps): Promise<boolean> {
  const pk = leavingRow(key);
  const now = clock();
  const row = await dynamo.get(pk);
  const held = row === null || isExpired(row, now + marginMs) ? null : parseStored(leaving, row, pk);
  if (held !== null) return held.since <= now - propagationMs;
  await ErasureEpoch.advance(dynamo, now);
  await dynamo.update({ pk, set: { since: now, ttl: ttlAt(now + leavingMs) } });
  return false;
}
