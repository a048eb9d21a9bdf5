import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { parseStored } from "@gatepost/protocol";
import { absent, any, type Condition, compare, type Item } from "@gatepost/store";
import * as z from "zod/mini";

/*
 * A row of the table is an item of the store. It has only texts and numbers, so nothing is lost between JSON and DynamoDB.
 */

/**
 * Replaces a value that is neither text nor number, which this product never writes. It fits no schema: code that needs
 * this attribute treats the row as missing, and other code is not disturbed.
 */
export const foreign = Number.NaN;

const text = z.string();
const number = z.number();

/** A text attribute that every row of its kind has. Throws an error with the key of the row if it is missing. */
export function textOf(row: Item, name: string): string {
  return parseStored(text, row[name], `${name} of row ${row["pk"]}`);
}

export function numberOf(row: Item, name: string): number {
  return parseStored(number, row[name], `${name} of row ${row["pk"]}`);
}

export function toAttributes(row: Item): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toAttribute(value)]));
}

export function fromAttributes(item: Record<string, AttributeValue>): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttribute(value)]));
}

function toAttribute(value: string | number): AttributeValue {
  return typeof value === "number" ? { N: String(value) } : { S: value };
}

function fromAttribute({ S, N }: AttributeValue): string | number {
  if (S !== undefined) return S;
  return N === undefined ? foreign : Number(N);
}

/*
 * A row expires at its `ttl`. DynamoDB deletes rows by that attribute, so it is in whole seconds since 1970. The
 * deletion may be days later, so every reader of a row checks `ttl` too. All other times here are in ms.
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
