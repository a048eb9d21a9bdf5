import { numbers, scalar, texts } from "./events.ts";
import type { Random } from "./random.ts";

/** One member of a field's list, made so that it may well take the value, or just miss it. */
export function member(random: Random, near: string | number | boolean | null): unknown {
  const value = random.chance(0.2) ? scalar(random) : near;
  if (random.chance(0.06)) return { exists: random.chance(0.7) };
  if (random.chance(0.1)) return { "anything-but": except(random, value) };
  if (typeof value === "number" && random.chance(0.7)) return { numeric: range(random, value) };
  if (typeof value !== "string" || random.chance(0.2)) return value;
  return random.pick([block, ...textOperators])(random, value);
}

type TextOperator = (random: Random, text: string) => unknown;

const textOperators: readonly TextOperator[] = [
  (random, text) => ({ prefix: start(random, text) }),
  (random, text) => ({ suffix: end(random, text) }),
  (random, text) => ({ prefix: { "equals-ignore-case": otherCase(random, start(random, text)) } }),
  (random, text) => ({ suffix: { "equals-ignore-case": otherCase(random, end(random, text)) } }),
  (random, text) => ({ "equals-ignore-case": otherCase(random, text) }),
  (random, text) => ({ wildcard: stars(random, text) }),
  (random, text) => ({ wildcard: stars(random, text) }),
  (random, text) => (random.chance(0.3) ? { exactly: text } : text),
];

function except(random: Random, value: string | number | boolean | null): unknown {
  if (typeof value === "number") return random.chance(0.5) ? value : [value, random.pick(numbers)];
  const text = typeof value === "string" ? value : random.pick(texts);
  const other = random.pick(texts);
  if (random.chance(0.3)) return random.chance(0.5) ? text : [other, text];
  const [one, another, name] = random.pick<readonly [string, string, string]>([
    [start(random, text) || "x", other || "x", "prefix"],
    [end(random, text) || "x", other || "x", "suffix"],
    [otherCase(random, text), otherCase(random, other), "equals-ignore-case"],
    [stars(random, text), stars(random, other), "wildcard"],
  ]);
  return { [name]: random.chance(0.5) ? one : [another, one] };
}

function range(random: Random, value: number): unknown {
  const [low, high] = [value - random.pick([0, 1, 0.5, 100]), value + random.pick([0, 1, 0.5, 100])];
  const bound = random.pick([value, low, high, random.pick(numbers)]);
  if (random.chance(0.5)) return [random.pick(["=", "<", "<=", ">", ">="]), bound];
  return [random.pick([">", ">="]), low, random.pick(["<", "<="]), random.chance(0.8) ? high : bound];
}

function block(random: Random, text: string): unknown {
  const four = `${random.pick(["10.0.0.1", "18.52.86.120", "0.0.0.0", "192.168.0.7"])}/${random.below(32)}`;
  const six = `${random.pick(["::", "::1", "2001:db8::", "a00:1::", "::ffff:a00:1"])}/${random.below(129)}`;
  const near = `${text}/${random.pick([0, 8, 24, 31, 32, 64, 127])}`;
  const isAddress = /^[\d.]{7,}$|:/.test(text);
  return { cidr: isAddress && random.chance(0.6) ? near : random.pick([four, six]) };
}

const characters = (text: string): string[] => Array.from(text);

function start(random: Random, text: string): string {
  return characters(text)
    .slice(0, random.below(text.length + 1))
    .join("");
}

function end(random: Random, text: string): string {
  return characters(text)
    .slice(random.below(text.length + 1))
    .join("");
}

function otherCase(random: Random, text: string): string {
  return random.pick([text, text.toUpperCase(), text.toLowerCase(), swapCase(text)]);
}

function swapCase(text: string): string {
  return characters(text)
    .map((unit) => (unit === unit.toUpperCase() ? unit.toLowerCase() : unit.toUpperCase()))
    .join("");
}

/** The text with stars put between, or in place of, some characters. */
function stars(random: Random, text: string): string {
  const escaped = characters(text).map((unit) => unit.replace(/[*\\]/, "\\$&"));
  const mixed = escaped.flatMap((unit) =>
    random.chance(0.3) ? random.pick([["*"], ["*", unit], [unit, "*"]]) : [unit],
  );
  const joined = mixed.filter((unit, index) => unit !== "*" || mixed[index - 1] !== "*").join("");
  return joined === "" && random.chance(0.5) ? "*" : joined;
}
