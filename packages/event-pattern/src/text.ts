import { PatternError } from "./error.ts";
import { isObject } from "./json.ts";
import type { Test } from "./test.ts";

/** The text an operator takes. Throws PatternError for anything else. */
export function textOf(value: unknown, at: string): string {
  if (typeof value !== "string") throw new PatternError(at, "write a text in quotes here");
  if (!value.isWellFormed())
    throw new PatternError(at, "this text has half a surrogate pair: write the whole character");
  return value;
}

export function prefix(value: unknown, at: string): Test {
  if (isObject(value)) {
    const folded = fold(caseless(value, at));
    return onText((text) => ends(text, folded, 0).size > 0);
  }
  const start = textOf(value, at);
  return onText((text) => text.startsWith(start));
}

export function suffix(value: unknown, at: string): Test {
  if (isObject(value)) {
    const folded = fold(caseless(value, at)).reverse();
    return onText((text) => beginnings(text, folded).size > 0);
  }
  const end = textOf(value, at);
  return onText((text) => text.endsWith(end));
}

export function equalsIgnoreCase(value: unknown, at: string): Test {
  const folded = fold(textOf(value, at));
  return onText((text) => ends(text, folded, 0).has(text.length));
}

/** `*` matches any text; `\*` and `\\` match themselves. */
export function wildcard(value: unknown, at: string): Test {
  const [first = "", ...others] = literals(textOf(value, at), at);
  const last = others.pop();
  if (last === undefined) return onText((text) => text === first);
  return onText((text) => {
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    for (const part of others) {
      const found = text.indexOf(part, from);
      if (found < 0) return false;
      from = found + part.length;
    }
    return from <= text.length - last.length;
  });
}

function onText(accepts: (text: string) => boolean): Test {
  return (value) => typeof value === "string" && accepts(value);
}

function caseless(value: { readonly [key: string]: unknown }, at: string): string {
  const keys = Object.keys(value);
  if (keys.length !== 1 || keys[0] !== "equals-ignore-case") {
    throw new PatternError(at, 'write a text, or {"equals-ignore-case": "a text"} with nothing beside it');
  }
  return textOf(value["equals-ignore-case"], `${at}.equals-ignore-case`);
}

/** The texts between the stars. */
function literals(pattern: string, at: string): string[] {
  const parts = [""];
  let previous = "";
  for (const [token] of pattern.matchAll(/\\?./gsu)) {
    if (token === "*" && previous === "*") throw new PatternError(at, "write one * in place of **");
    if (token === "*") parts.push("");
    else parts.push(`${parts.pop()}${literal(token, at)}`);
    previous = token;
  }
  return parts;
}

function literal(token: string, at: string): string {
  if (!token.startsWith("\\")) return token;
  if (token === "\\*" || token === "\\\\") return token.slice(1);
  throw new PatternError(at, "a backslash must be followed by * or by another backslash");
}

/**
 * The spellings of each UTF-16 unit, as the engine folds them: each alone, upper or lower, never unchanged. So ß is
 * also SS but not ss, and a character beyond the basic plane is the two question marks Java makes of it.
 */
function fold(text: string): string[][] {
  return text.split("").map((unit) => (unit.isWellFormed() ? [unit.toUpperCase(), unit.toLowerCase()] : ["?"]));
}

/** The possible ends of the folded text if it starts at `from`. */
function ends(text: string, folded: readonly (readonly string[])[], from: number): ReadonlySet<number> {
  let positions = new Set([from]);
  for (const spellings of folded) {
    const next = new Set<number>();
    for (const position of positions) {
      for (const spelling of spellings) if (text.startsWith(spelling, position)) next.add(position + spelling.length);
    }
    positions = next;
  }
  return positions;
}

/** The possible starts of the folded text, given backwards, if it ends at the end of the text. */
function beginnings(text: string, backwards: readonly (readonly string[])[]): ReadonlySet<number> {
  let positions = new Set([text.length]);
  for (const spellings of backwards) {
    const next = new Set<number>();
    for (const position of positions) {
      for (const spelling of spellings) if (text.endsWith(spelling, position)) next.add(position - spelling.length);
    }
    positions = next;
  }
  return positions;
}
