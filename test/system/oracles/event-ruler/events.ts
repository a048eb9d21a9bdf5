import type { Json, JsonObject } from "@gatepost/event-pattern";
import drawn from "./drawn.json" with { type: "json" };
import type { Random } from "./random.ts";

/** Names that sort around the dot, name operators, look like paths, or are special to JavaScript. */
export const names: readonly string[] = [
  "",
  ..."a a a b b b c c d".split(" "),
  ..."a-b a.b b.c a! $x 10 2 prefix numeric __proto__ constructor toString é".split(" "),
];

/** Texts that differ in case, ends, stars, backslashes and scripts; addresses of both families; words of JSON. */
export const { texts } = drawn;

/** Within what the engine's own Java prints and compares exactly. */
export const numbers: readonly number[] = [
  0, 1, -1, 2, 3, 5, 10, 100, 101, 1001, -3.25, 0.1, 0.5, 1.5, 1e-7, 12345678, 123456789, 1234567, 5e9, 5000000001,
  1e15, -1e15, 1e21, 300, 99.999999,
];

export function scalar(random: Random): string | number | boolean | null {
  if (random.chance(0.62)) return random.pick(random.chance(0.5) ? few : texts);
  if (random.chance(0.7)) return random.pick(numbers);
  return random.pick([true, false, null]);
}

const few: readonly string[] = ["x", "y", "foo", "foobar", "10.0.0.1"];

/** An event of a few fields, with arrays of values, of objects, of both, and of arrays. */
export function event(random: Random, levels = 3): JsonObject {
  const fields = Array.from({ length: random.below(4) + (levels === 3 ? 1 : 0) }, () => {
    return [random.pick(names), value(random, levels - 1)] as const;
  });
  return Object.fromEntries(fields);
}

function value(random: Random, levels: number): Json {
  if (levels <= 0 || random.chance(0.45)) return scalar(random);
  if (random.chance(0.3)) return event(random, levels);
  const isOfObjects = random.chance(0.6);
  return Array.from({ length: random.below(4) }, () => {
    if (random.chance(0.1)) return value(random, levels - 1);
    return isOfObjects ? event(random, levels) : scalar(random);
  });
}
