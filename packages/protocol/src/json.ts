export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

/** Parses a text as JSON; undefined where it is not JSON, which no schema accepts. */
export function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    // The error is dropped, because its message shows a piece of the text.
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Which limit a value exceeds: levels of arrays and objects, or number of values. It does not recurse, so it is safe
 * for any depth.
 */
export function excess(
  value: Json,
  { nesting, values }: { nesting: number; values: number },
): "nested-too-deep" | "too-many-values" | null {
  let level = branches([value]);
  let count = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === nesting) return "nested-too-deep";
    const inner: object[] = [];
    for (const branch of level) {
      const children = childrenOf(branch);
      count += children.length;
      if (count > values) return "too-many-values";
      for (const child of branches(children)) inner.push(child);
    }
    level = inner;
  }
  return null;
}

/** How many members the objects of a value have, all together. */
export function countMembers(value: Json): number {
  let count = 0;
  const open = branches([value]);
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    const children = childrenOf(branch);
    if (!Array.isArray(branch)) count += children.length;
    for (const child of branches(children)) open.push(child);
  }
  return count;
}

/** The number of members and elements of a value at all levels. */
export function countValues(value: Json): number {
  let count = 0;
  const open = branches([value]);
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    const children = childrenOf(branch);
    count += children.length;
    for (const child of branches(children)) open.push(child);
  }
  return count;
}

function branches(values: readonly unknown[]): object[] {
  return values.filter((value) => typeof value === "object" && value !== null);
}

function childrenOf(branch: object): readonly unknown[] {
  return Array.isArray(branch) ? branch : Object.values(branch);
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: Json): string {
  const pieces: string[] = [];
  writeCanonical(value, { write: (piece) => pieces.push(piece), textOf: (text) => text });
  return pieces.join("");
}

interface Canonical {
  write(piece: string): void;
  /** The text to write instead of a text, unless it is a name of a member. */
  textOf(text: string): string;
}

/** Writes canonical JSON piece by piece. */
export function writeCanonical(value: Json, to: Canonical): void {
  if (typeof value === "string") writeText(to.textOf(value), to);
  else if (typeof value !== "object" || value === null) to.write(JSON.stringify(value));
  else if (Array.isArray(value)) writeList(value, to);
  else writeMembers(value, to);
}

function writeList(list: readonly Json[], to: Canonical): void {
  let before = "[";
  for (const item of list) {
    to.write(before);
    before = ",";
    writeCanonical(item, to);
  }
  to.write(before === "[" ? "[]" : "]");
}

function writeMembers(object: JsonObject, to: Canonical): void {
  let before = "{";
  for (const key of Object.keys(object).sort()) {
    to.write(`${before}${JSON.stringify(key)}:`);
    before = ",";
    writeCanonical(object[key] ?? null, to);
  }
  to.write(before === "{" ? "{}" : "}");
}

/** Texts with so many characters that need no escaping, such as base64, are written without a copy. */
const longText = 4096;

function writeText(text: string, { write }: Canonical): void {
  if (text.length < longText || !/^[ !#-[\]-~]*$/.test(text)) write(JSON.stringify(text));
  else for (const piece of ['"', text, '"']) write(piece);
}

type Compact<T> = string extends keyof T
  ? Record<string, NonNullable<T[keyof T]>>
  : { [K in keyof T]?: NonNullable<T[K]> };

/** The members except undefined ones and null. */
export function omitAbsent<T extends object>(members: T): Compact<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null),
  ) as Compact<T>;
}

/** The members except undefined ones, null, empty objects and empty lists. */
export function omitEmpty<T extends object>(members: T): Compact<T> {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(members)) {
    const value = members[name as keyof T];
    if (!isNothing(value)) kept[name] = value;
  }
  return kept as Compact<T>;
}

/** Whether a value is empty: undefined, null, {} or []. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
