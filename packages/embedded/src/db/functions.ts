import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

/** Adds the functions that the statements and triggers of the schema call. */
export function addFunctions(database: DatabaseSync): void {
  database.function("gatepost_grams", { deterministic: true }, (text) => JSON.stringify(gramsOf(String(text))));
  database.function("gatepost_hash", { deterministic: true }, (text) => hashOf(String(text)));
}

/** 32 bits of a hash. Two texts may have the same. */
export function hashOf(text: string): number {
  return hash("sha1", text, "buffer").readInt32BE();
}

const maxLength = 3;

/**
 * The three characters at each place in the lines of a text, fewer at the end of a line. Every sequence of one to three
 * characters is the beginning of one of them.
 */
export function gramsOf(text: string): string[] {
  const grams = new Set<string>();
  for (const line of text.split("\n")) {
    const characters = [...line];
    for (const start of characters.keys()) grams.add(characters.slice(start, start + maxLength).join(""));
  }
  return [...grams];
}

/** The sequences that every text containing `sought` has: each is the beginning of one of its grams. */
export function gramsIn(sought: string): string[] {
  const characters = [...sought];
  const length = Math.min(maxLength, characters.length);
  const starts = [...characters.keys()].slice(0, characters.length - length + 1);
  return [...new Set(starts.map((start) => characters.slice(start, start + length).join("")))];
}

/** The last text in the order of SQLite that begins with a sequence and is a gram. */
export function lastGramWith(sequence: string): string {
  return sequence + "\u{10ffff}".repeat(maxLength);
}
