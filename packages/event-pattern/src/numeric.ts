import { PatternError } from "./error.ts";
import { isArray } from "./json.ts";
import type { Test } from "./test.ts";

const compare: ReadonlyMap<unknown, (value: number, bound: number) => boolean> = new Map([
  ["=", (value: number, bound: number) => value === bound],
  ["<", (value: number, bound: number) => value < bound],
  ["<=", (value: number, bound: number) => value <= bound],
  [">", (value: number, bound: number) => value > bound],
  [">=", (value: number, bound: number) => value >= bound],
]);

/** `["=", n]`, one of `< <= > >=` with a number, or a range: `> >=` first, then `< <=`. */
export function numeric(value: unknown, at: string): Test {
  if (!isArray(value)) throw new PatternError(at, 'write a list, like [">", 0, "<=", 5]');
  const [operator, bound, upper, top] = value;
  if (value.length === 2) return half(operator, bound, at);
  if (value.length !== 4 || !isLower(operator) || !isUpper(upper)) {
    throw new PatternError(
      at,
      'write an operator and a number, or a range like [">", 0, "<=", 5], its lower end first',
    );
  }
  if (numberOf(bound, at) >= numberOf(top, at)) throw new PatternError(at, "the lower end must be below the upper end");
  const [above, below] = [side(operator, bound, at), side(upper, top, at)];
  return (candidate) => above(candidate) && below(candidate);
}

/** A number that JSON can carry. Throws PatternError for anything else. */
export function numberOf(value: unknown, at: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new PatternError(at, "write a number here, without quotes and within ±1.7e308");
}

function half(operator: unknown, bound: unknown, at: string): Test {
  const accepts = side(operator, bound, at);
  const isOutermost =
    (isLower(operator) && bound === Number.MAX_VALUE) || (isUpper(operator) && bound === -Number.MAX_VALUE);
  if (isOutermost) throw new PatternError(at, "no number lies beyond this one: choose another bound");
  return accepts;
}

function side(operator: unknown, bound: unknown, at: string): Test {
  const accepts = compare.get(operator);
  if (!accepts) throw new PatternError(at, "the operators are = < <= > >=");
  const limit = numberOf(bound, at);
  return (candidate) => typeof candidate === "number" && accepts(candidate, limit);
}

const isLower = (operator: unknown): boolean => operator === ">" || operator === ">=";
const isUpper = (operator: unknown): boolean => operator === "<" || operator === "<=";
