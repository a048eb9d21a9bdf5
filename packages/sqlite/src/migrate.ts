import type { DatabaseSync } from "node:sqlite";

/**
 * Brings a database to the newest schema, one step for each version. A new database takes all steps in one transaction,
 * with one sync. A database with rows takes each step in its own, so that the log holds one step at most. Throws where
 * a newer program has written it.
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
  const pending = migrations.slice(version);
  const steps = version === 0 ? [pending.join("\n;")] : pending;
  for (const [index, step] of steps.entries()) {
    const reached = migrations.length - steps.length + index + 1;
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${reached}; COMMIT`);
  }
}
