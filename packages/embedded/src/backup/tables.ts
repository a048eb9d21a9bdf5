import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../db/database.ts";
import { BackupRefused } from "./refused.ts";

/** What this version makes. It takes all its steps to know that, and is the same for as long as a process runs. */
let made: ReadonlySet<string> | undefined;

function namesOfNew(): ReadonlySet<string> {
  using database = openDatabase(":memory:");
  return namesIn(database);
}

/** Throws BackupRefused where a database has other tables, indexes and triggers than this version makes. */
export function checkTables(database: DatabaseSync, place: string): void {
  made ??= namesOfNew();
  const [expected, found] = [made, namesIn(database)];
  const odd = [...found].find((name) => !expected.has(name)) ?? [...expected].find((name) => !found.has(name));
  if (odd === undefined) return;
  const fault = found.has(odd) ? "has what Gatepost does not make" : "lacks what Gatepost makes";
  throw new BackupRefused(`the database of ${place} ${fault}: ${odd}`);
}

function namesIn(database: DatabaseSync): Set<string> {
  const rows = database
    .prepare("SELECT type, name, tbl_name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'")
    .all();
  return new Set(rows.map((row) => `${row["type"]} ${row["name"]} of ${row["tbl_name"]}`));
}
