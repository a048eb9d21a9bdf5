import type { PutItemCommandInput, QueryCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { Change, Condition, Item } from "@gatepost/store";
import { toAttributes } from "./item.ts";
import { type IndexName, indexKeys } from "./table.ts";

/*
 * All expressions of DynamoDB. Names of attributes are plain words, so an expression can refer to them as `#word`.
 */

/** The condition of a write. */
export function conditionOf(when: Condition) {
  const { text, values } = expressionOf(when);
  return {
    ConditionExpression: text,
    ExpressionAttributeNames: namesIn(text),
    ExpressionAttributeValues: valuesOf(values),
  } satisfies Omit<PutItemCommandInput, "TableName" | "Item">;
}

export function updateOf({ pk, set = {}, setIfAbsent = {}, add = {}, remove = [], when }: Change) {
  const update = [
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
  const condition = when === undefined ? undefined : expressionOf(when);
  const given = Object.entries({ ...set, ...setIfAbsent, ...add });
  const values = { ...Object.fromEntries(given.map(([name, value]) => [`new_${name}`, value])), ...condition?.values };
  return {
    Key: { pk: { S: pk } },
    UpdateExpression: update,
    ExpressionAttributeNames: namesIn(update + (condition?.text ?? "")),
    ExpressionAttributeValues: valuesOf(values),
    ConditionExpression: condition?.text,
  } satisfies Omit<UpdateItemCommandInput, "TableName">;
}

/** The keys of one hash key of an index between two range keys, both included. */
export function rangeOf({ index, hash, from, to }: { index: IndexName; hash: string; from: string; to: string }) {
  return {
    IndexName: index,
    KeyConditionExpression: "#hash = :hash AND #range BETWEEN :from AND :to",
    ExpressionAttributeNames: { "#hash": indexKeys[index].hash, "#range": indexKeys[index].range },
    ExpressionAttributeValues: valuesOf({ hash, from, to }),
  } satisfies Omit<QueryCommandInput, "TableName">;
}

function clause(word: string, parts: readonly string[]): string {
  return parts.length === 0 ? "" : `${word} ${parts.join(", ")} `;
}

/** The attribute names for the `#name`s of some expressions. */
function namesIn(expressions: string): Record<string, string> {
  return Object.fromEntries(
    [...expressions.matchAll(/#(\w+)/g)].map(([placeholder, name = ""]) => [placeholder, name]),
  );
}

/** The values for the `:name`s of an expression. DynamoDB takes no empty list of them. */
function valuesOf(values: Item) {
  const named = Object.entries(values).map(([name, value]) => [`:${name}`, value]);
  return named.length === 0 ? undefined : toAttributes(Object.fromEntries(named));
}

/** An expression, and how strongly its outermost operator binds: DynamoDB refuses parentheses that change nothing. */
interface Written {
  text: string;
  binds: (typeof strength)[keyof typeof strength];
}

const strength = { or: 0, and: 1, not: 2, atom: 3 } as const;

/** DynamoDB has no words for true and false. */
const never = "attribute_exists(#pk) AND attribute_not_exists(#pk)";
const always = "attribute_exists(#pk) OR attribute_not_exists(#pk)";

/** A condition as an expression of DynamoDB, with the values that it refers to. */
function expressionOf(condition: Condition): { text: string; values: Item } {
  const values: Item = {};
  const write = (one: Exclude<Simple, boolean>): Written => {
    switch (one.is) {
      case "present":
        return { text: `attribute_exists(#${one.name})`, binds: strength.atom };
      case "not":
        if (one.of.is === "present") return { text: `attribute_not_exists(#${one.of.name})`, binds: strength.atom };
        return { text: `NOT ${within(write(one.of), strength.atom)}`, binds: strength.not };
      case "all":
        return { text: one.of.map((part) => within(write(part), strength.and)).join(" AND "), binds: strength.and };
      case "any":
        return { text: one.of.map((part) => write(part).text).join(" OR "), binds: strength.or };
      default: {
        const name = `is_${Object.keys(values).length}`;
        values[name] = one.value;
        return { text: `#${one.name} ${one.is} :${name}`, binds: strength.atom };
      }
    }
  };
  const simple = simplified(condition);
  if (typeof simple === "boolean") return { text: simple ? always : never, values };
  return { text: write(simple).text, values };
}

function within({ text, binds }: Written, outer: number): string {
  return binds < outer ? `(${text})` : text;
}

/** A condition without constants, double negations, and lists of one part. */
type Simple =
  | boolean
  | Exclude<Condition, { of: unknown }>
  | { is: "all" | "any"; of: readonly Exclude<Simple, boolean>[] }
  | { is: "not"; of: Exclude<Simple, boolean> };

function simplified(condition: Condition): Simple {
  if (condition.is === "not") {
    const inner = simplified(condition.of);
    if (typeof inner === "boolean") return !inner;
    return inner.is === "not" ? inner.of : { is: "not", of: inner };
  }
  if (condition.is !== "all" && condition.is !== "any") return condition;
  const { is } = condition;
  // One part decides alone: a false one of `all`, a true one of `any`.
  const deciding = is === "any";
  const parts = condition.of.map(simplified);
  if (parts.includes(deciding)) return deciding;
  const undecided = parts.filter((part) => typeof part !== "boolean");
  const [only] = undecided;
  if (only === undefined) return !deciding;
  return undecided.length === 1 ? only : { is, of: undecided };
}
