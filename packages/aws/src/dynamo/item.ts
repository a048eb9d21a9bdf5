import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { parseStored } from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import * as z from "zod/mini";

/*
 * A row of the table is an item of the store. It has only texts and numbers, so nothing is lost between JSON and DynamoDB.
 */

/**
 * Stands for a value that is neither text nor number, which nobody here writes. It fits no schema, so whoever needs this
 * attribute treats the row as missing, and nobody else is disturbed.
 */
export const foreign = Number.NaN;

const text = z.string();
const number = z.number();

/** A text attribute that every row of its kind has. Throws an error with the key of the row where it is missing. */
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
