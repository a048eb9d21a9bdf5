import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { type Item, isForeign, numberOf, toAttribute, toAttributes } from "./item.ts";

/** One UpdateItem call. Names of attributes are plain words, so an expression can refer to them as `#word`. */
export interface ItemUpdate {
  pk: string;
  set?: Item;
  /** Attributes that are set only if the row does not have them. */
  setIfAbsent?: Item;
  add?: Record<string, number>;
  remove?: readonly string[];
  /** Refers to attributes as `#name` and to values as `:name`. Left out: no condition. */
  condition?: string;
  values?: Item;
}

/** Computes the row as it is after the update. */
export function applyUpdate({ pk, set, setIfAbsent, add = {}, remove = [] }: ItemUpdate, before: Item | null): Item {
  const after: Item = { pk, ...setIfAbsent, ...before, ...set };
  for (const [name, by] of Object.entries(add))
    after[name] = (before?.[name] === undefined ? 0 : numberOf(before, name)) + by;
  for (const name of remove) delete after[name];
  return after;
}

/** Whether a row has what an update writes. One that only adds or removes leaves nothing by which to tell. */
export function isLeftBy({ set = {}, add = {} }: Pick<ItemUpdate, "set" | "add">, row: Item): boolean {
  const written = Object.entries(set);
  const isWritten = written.length > 0 && written.every(([name, value]) => row[name] === value);
  return isWritten && Object.keys(add).every((name) => Number.isFinite(row[name]));
}

/**
 * The row before an update, as far as the row after it tells: values that the update replaced are missing. Null where
 * nothing is left.
 */
export function undoUpdate({ set = {}, setIfAbsent = {}, add = {} }: ItemUpdate, after: Item): Item | null {
  const before = { ...after };
  for (const name of Object.keys(set)) delete before[name];
  for (const [name, value] of Object.entries(setIfAbsent)) if (after[name] === value) delete before[name];
  for (const [name, by] of Object.entries(add)) {
    if (after[name] === by) delete before[name];
    else before[name] = numberOf(after, name) - by;
  }
  // Its key is left of each row.
  return Object.keys(before).length > 1 ? before : null;
}

export function updateOf({
  pk,
  set = {},
  setIfAbsent = {},
  add = {},
  remove = [],
  condition,
  values = {},
}: ItemUpdate) {
  const expression = [
    clause("SET", [
      ...Object.keys(set).map((name) => `#${name} = :new_${name}`),
      ...Object.keys(setIfAbsent).map((name) => `#${name} = if_not_exists(#${name}, :new_${name})`),
    ]),
    clause(
      "ADD",
      Object.keys(add).map((name) => `#${name} :new_${name}`),
    ),
    clause(
      "REMOVE",
      remove.map((name) => `#${name}`),
    ),
  ].join("");
  const given = Object.entries({ ...set, ...setIfAbsent, ...add });
  const bound = Object.fromEntries(given.map(([name, value]) => [`:new_${name}`, toAttribute(value)]));
  const all = { ...bound, ...valuesOf(values) };
  return {
    Key: { pk: { S: pk } },
    UpdateExpression: expression,
    ExpressionAttributeNames: namesIn(expression + (condition ?? "")),
    ...(Object.keys(all).length === 0 ? {} : { ExpressionAttributeValues: all }),
    ...(condition === undefined ? {} : { ConditionExpression: condition }),
  } satisfies Omit<UpdateItemCommandInput, "TableName">;
}

/** The condition that some attributes of a row are still as they were read. */
export function asRead(row: Item, names: readonly string[]): { condition: string; values: Item } {
  const conditions: string[] = [];
  const values: Item = {};
  for (const name of names) {
    const value = row[name];
    if (value === undefined) conditions.push(`attribute_not_exists(#${name})`);
    else if (isForeign(value)) {
      // What it was is not known, so it cannot be compared: only its type can.
      const isOfType = (type: string) => `attribute_type(#${name}, :${type})`;
      conditions.push(`attribute_exists(#${name})`, `NOT ${isOfType("text")}`, `NOT ${isOfType("number")}`);
      Object.assign(values, { text: "S", number: "N" });
    } else {
      conditions.push(`#${name} = :was_${name}`);
      values[`was_${name}`] = value;
    }
  }
  return { condition: conditions.join(" AND "), values };
}

/** The attribute names for the `#name`s of some expressions. */
export function namesIn(expressions: string): Record<string, string> {
  return Object.fromEntries(
    [...expressions.matchAll(/#(\w+)/g)].map(([placeholder, name = ""]) => [placeholder, name]),
  );
}

/** The values for the `:name`s of an expression. */
export function valuesOf(values: Item) {
  return toAttributes(Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])));
}

function clause(word: string, parts: readonly string[]): string {
  return parts.length === 0 ? "" : `${word} ${parts.join(", ")} `;
}
