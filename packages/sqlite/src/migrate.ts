import type { DatabaseSync } from "node:sqlite";

/**
 * Brings a database to the newest schema, one step for each version. Throws where a newer program has written it.
 *
 * @param what the file and the program, for the text of the error
 */
export function migrate(
  database: DatabaseSync,
  migrations: readonly string[],
  what: { file: string; program: string },
): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > migrations.length) {
    throw new Error(`${what.file} was written by a newer ${what.program} (schema ${version}); upgrade this one`);
  }
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}
