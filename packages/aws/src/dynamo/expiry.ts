import { absent, any, type Condition, compare, type Item } from "@gatepost/store";
import { numberOf } from "./item.ts";

/*
 * A row expires at its `ttl`. DynamoDB deletes rows by that attribute, so it is in whole seconds since 1970. The
 * deletion may come days later, so whoever reads a row checks `ttl` too. All other times here are in ms.
 */

/**
 * A row exists as long as its `ttl` is greater than this. A row that expires at 12:00:00 is still there at 11:59:59.999
 * and gone at 12:00:00.000.
 */
export function ttlOver(now: number): number {
  return Math.floor(now / 1000);
}

/** Whether a row has expired. An expired row is treated as missing. */
export function isExpired(row: Item, now: number): boolean {
  return numberOf(row, "ttl") * 1000 <= now;
}

/** The row has not expired. A missing one does not meet it. */
export function liveAt(now: number): Condition {
  return compare("ttl", ">", ttlOver(now));
}

export function missingOrLiveAt(now: number): Condition {
  return any(absent("ttl"), liveAt(now));
}

/** The row has expired and still exists. */
export function expiredAt(now: number): Condition {
  return compare("ttl", "<=", ttlOver(now));
}
