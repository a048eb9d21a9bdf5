import { DatabaseSync } from "node:sqlite";
import { gramsOf } from "./grams.ts";
import { migrations } from "./schema.ts";

/** How long a write waits for another program that reads or copies the file, ms. Nothing else runs meanwhile. */
const lockPatience = 100;

/** Opens the database of a data folder and brings it to this version's schema. */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: lockPatience, enableForeignKeyConstraints: true });
  try {
    database.function("gatepost_grams", { deterministic: true }, (text) => JSON.stringify(gramsOf(String(text))));
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    migrate(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > migrations.length) {
    throw new Error(`the data folder was written by a newer Gatepost (schema ${version}); upgrade this one`);
  }
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}
