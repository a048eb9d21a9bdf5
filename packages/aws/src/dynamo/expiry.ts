import type { Item } from "./item.ts";

/*
 * A row expires at its `ttl`, which is in whole seconds since 1970 because that is what DynamoDB removes rows by; it may
 * do so days later. All times here are in ms.
 */

/** The `ttl` of what expires at a time: never early. */
export function ttlAt(time: number): number {
  return Math.ceil(time / 1000);
}

/** What the `ttl` of a row must be over for it to be there: what expires at 12:00:00 is there up to, and not at, 12:00:00.000. */
export function ttlOver(now: number): number {
  return Math.floor(now / 1000);
}

/** Whether a row has expired, which is to be absent. */
export function isExpired(row: Item, now: number): boolean {
  return Number(row["ttl"]) * 1000 <= now;
}
