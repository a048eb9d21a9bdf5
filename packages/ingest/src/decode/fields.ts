import { type Json, type JsonObject, setPath } from "@gatepost/protocol";
import type { ReadText } from "./charset.ts";

/** One field of a form, and whether the charset of its text was guessed. */
export type Field = readonly [name: string, text: string, isGuess?: true];

export function field(name: ReadText, text: ReadText): Field {
  return name.isGuess || text.isGuess ? [name.text, text.text, true] : [name.text, text.text];
}

/** Far more than a report needs, even with a form field for each of its members. */
export const maxFields = 20_000;

/** How many brackets in the name of a field are read as levels. */
const maxLevels = 8;

/** A longer name is not read as a path. */
const maxNameLength = 1000;

/** How senders write null in forms. */
const nulls = new Set(["None", "null"]);

/**
 * Makes an object of the fields of a form. `a[b]` and `a.b` are members of a. A name that is repeated with different
 * values becomes a list.
 */
export function objectOf(fields: readonly Field[]): JsonObject {
  const body: JsonObject = {};
  for (const [name, values] of grouped(fields)) {
    const [first = null] = values;
    const isOne = values.every((value) => value === first) && !name.endsWith("[]");
    setPath(body, pathOf(name), isOne ? first : values);
  }
  return body;
}

function grouped(fields: readonly Field[]): Map<string, Json[]> {
  const groups = new Map<string, Json[]>();
  for (const [name, text] of fields) {
    const values = groups.get(name) ?? [];
    groups.set(name, values);
    values.push(nulls.has(text) ? null : text);
  }
  return groups;
}

function pathOf(name: string): string[] {
  if (name.length > maxNameLength) return [name];
  const path = name.split(/[[\].]+/, maxLevels + 1).filter((key) => key !== "");
  return path.length === 0 || path.length > maxLevels ? [name] : path;
}
