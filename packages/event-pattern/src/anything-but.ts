import { PatternError } from "./error.ts";
import { isArray, isObject } from "./json.ts";
import { numberOf } from "./numeric.ts";
import type { Test } from "./test.ts";
import { equalsIgnoreCase, prefix, suffix, textOf, wildcard } from "./text.ts";

const inner: ReadonlyMap<string, (value: unknown, at: string) => Test> = new Map([
  ["prefix", (value: unknown, at: string) => prefix(filled(value, at), at)],
  ["suffix", (value: unknown, at: string) => suffix(filled(value, at), at)],
  ["equals-ignore-case", equalsIgnoreCase],
  ["wildcard", wildcard],
]);

/** Accepts every value except those named: texts or numbers, or texts by an operator. */
export function anythingBut(value: unknown, at: string): Test {
  const tests = isObject(value) ? byOperator(value, at) : byValue(value, at);
  return (candidate) => !tests.some((test) => test(candidate));
}

function byValue(value: unknown, at: string): Test[] {
  const values = listOf(value, at);
  const isText = values.every((member) => typeof member === "string");
  if (!isText && !values.every((member) => typeof member === "number")) {
    throw new PatternError(at, "name texts only or numbers only; true, false and null cannot be named here");
  }
  const refused = new Set(values.map((member) => (isText ? textOf(member, at) : numberOf(member, at))));
  return [(candidate) => (typeof candidate === "string" || typeof candidate === "number") && refused.has(candidate)];
}

function byOperator(value: { readonly [key: string]: unknown }, at: string): Test[] {
  const [name = "", ...others] = Object.keys(value);
  const operator = inner.get(name);
  if (!operator || others.length > 0) {
    throw new PatternError(at, `write one operator here: ${[...inner.keys()].join(", ")}`);
  }
  return listOf(value[name], `${at}.${name}`).map((member) =>
    operator(textOf(member, `${at}.${name}`), `${at}.${name}`),
  );
}

function listOf(value: unknown, at: string): readonly unknown[] {
  if (!isArray(value)) return [value];
  if (value.length === 0) throw new PatternError(at, "name at least one value: the list is empty");
  return value;
}

function filled(value: unknown, at: string): unknown {
  if (value === "") throw new PatternError(at, "an empty text would refuse everything: name at least one character");
  return value;
}
