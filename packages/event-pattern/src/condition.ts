import { cidr, sameAddress } from "./address.ts";
import { anythingBut } from "./anything-but.ts";
import { between } from "./between.ts";
import { PatternError } from "./error.ts";
import { isObject, type Scalar } from "./json.ts";
import { numberOf, numeric } from "./numeric.ts";
import type { Test } from "./test.ts";
import { equalsIgnoreCase, prefix, suffix, textOf, wildcard } from "./text.ts";

/** A kind of values without an end. */
type Kind = "text" | "number";

/** The conditions of a pattern on one field: any in the list is enough. */
export interface Condition {
  readonly accepts: Test;
  readonly acceptsAbsence: boolean;
  /** The kinds of which it may accept a value that is not known beforehand. */
  readonly kinds: ReadonlySet<Kind>;
  /** The wanted values, in words. */
  readonly wants: string;
}

const operators: ReadonlyMap<string, (value: unknown, at: string) => Test> = new Map([
  ["exactly", exactText],
  ["prefix", prefix],
  ["suffix", suffix],
  ["equals-ignore-case", equalsIgnoreCase],
  ["wildcard", wildcard],
  ["anything-but", anythingBut],
  ["numeric", numeric],
  ["cidr", cidr],
  ["exists", exists],
]);

/** Reads the list of a field. Throws PatternError. */
export function condition(members: readonly unknown[], at: string): Condition {
  if (members.length === 0) throw new PatternError(at, "name at least one value: an empty list matches nothing");
  const tests = members.map((member, index) => test(member, `${at}[${index}]`));
  return {
    accepts: (value) => tests.some((accepts) => accepts(value)),
    acceptsAbsence: members.some((member) => isObject(member) && member["exists"] === false),
    kinds: new Set(members.flatMap(kindsOf)),
    wants: members.map(wordsOf).join(" or "),
  };
}

/** Operators that accept numbers. An address block accepts them as the engine does: see `cidr`. */
const ofNumbers = new Set(["numeric", "anything-but", "cidr", "exists"]);

function kindsOf(member: unknown): Kind[] {
  if (typeof member === "number") return ["number"];
  if (typeof member === "string") return sameAddress(member) === undefined ? ["text"] : ["text", "number"];
  if (!isObject(member) || member["exists"] === false) return [];
  if ("between" in member) return ["text"];
  const [operator = ""] = Object.keys(member);
  if (operator === "numeric") return ["number"];
  return ofNumbers.has(operator) ? ["text", "number"] : ["text"];
}

function wordsOf(member: unknown): string {
  if (!isObject(member)) return JSON.stringify(member);
  return Object.entries(member)
    .map(([operator, value]) => `${operator} ${JSON.stringify(value)}`)
    .join(" ");
}

function test(member: unknown, at: string): Test {
  if (isObject(member)) return byOperator(member, at);
  if (typeof member === "string") return exact(textOf(member, at));
  if (typeof member === "number") return same(numberOf(member, at));
  if (typeof member === "boolean" || member === null) return same(member);
  throw new PatternError(at, "write a text, a number, true, false, null or an operator here, not a list");
}

function byOperator(member: { readonly [key: string]: unknown }, at: string): Test {
  if ("between" in member) return between(member, at);
  const [name = "", ...others] = Object.keys(member);
  const operator = operators.get(name);
  if (!operator || others.length > 0) {
    throw new PatternError(at, `write one operator here: ${[...operators.keys(), "between"].join(", ")}`);
  }
  return operator(member[name], `${at}.${name}`);
}

function exact(text: string): Test {
  const isAddress = sameAddress(text);
  return (value) => value === text || isAddress?.(value) === true;
}

function exactText(value: unknown, at: string): Test {
  return same(textOf(value, at));
}

function same(expected: Scalar): Test {
  return (value) => value === expected;
}

function exists(value: unknown, at: string): Test {
  if (typeof value !== "boolean") throw new PatternError(at, "write true or false, without quotes");
  return () => value;
}
