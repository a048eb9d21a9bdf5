import { type Json, limits } from "@gatepost/protocol";
import { type Read, readStrict } from "./json.ts";
import { skipBlanks } from "./text.ts";
import { readTolerant } from "./tolerant.ts";

/** Parses a text that contains an object or a list; null if it contains neither, or is nested deeper than `maxLevels`. */
export function readStructure(
  text: string,
  maxLevels: number = limits.nesting,
): { value: Json; flags: readonly string[] } | null {
  const first = text[skipBlanks(text)];
  if (first !== "{" && first !== "[") return null;
  const read = readEither(text, maxLevels);
  return "value" in read && typeof read.value === "object" ? read : null;
}

/** Reads JSON, or text that is nearly JSON. */
export function readEither(text: string, maxLevels?: number): Read {
  const strict = readStrict(text, maxLevels);
  if ("value" in strict) return strict;
  const tolerant = readTolerant(text, maxLevels);
  return "value" in tolerant ? tolerant : strict;
}
