import type { DatabaseSync } from "node:sqlite";
import { searchable } from "@gatepost/protocol";
import { gramsOf } from "./grams.ts";

/** Adds the functions that the statements and triggers of the schema call. */
export function addFunctions(database: DatabaseSync): void {
  database.function("gatepost_grams", { deterministic: true }, (text) => JSON.stringify(gramsOf(String(text))));
  database.function("gatepost_searchable", { deterministic: true }, (text) => searchable(String(text)));
}
