import { hash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { gramsOf } from "./grams.ts";

/** Adds the functions that the statements and triggers of the schema call. */
export function addFunctions(database: DatabaseSync): void {
  database.function("gatepost_grams", { deterministic: true }, (text) => JSON.stringify(gramsOf(String(text))));
  database.function("gatepost_hash", { deterministic: true }, (text) => hashOf(String(text)));
}

/** 32 bits of a hash. Two texts may have the same. */
export function hashOf(text: string): number {
  return hash("sha1", text, "buffer").readInt32BE();
}
