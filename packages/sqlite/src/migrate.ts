import type { DatabaseSync } from "node:sqlite";

/**
 * Brings a database to the newest schema, one step for each version. A new database takes all steps in one transaction,
 * with one sync. A database with rows takes each step in its own, so that the log holds one step at most. Several
 * processes may do so at the same time. Throws where a newer program has written it.
 *
 * @param what the file and the program, for the text of the error
 */
export function migrate(
  database: DatabaseSync,
  migrations: readonly string[],
  what: { file: string; program: string },
): void {
  let version = versionOf(database);
  while (version < migrations.length) version = takeStep(database, migrations);
  if (version > migrations.length) {
    throw new Error(`${what.file} was written by a newer ${what.program} (schema ${version}); upgrade this one`);
  }
}

/** Returns the version that is reached. */
function takeStep(database: DatabaseSync, migrations: readonly string[]): number {
  database.exec("BEGIN IMMEDIATE");
  // Read again, because another process may have taken the step before this one had the lock.
  const version = versionOf(database);
  const reached = version === 0 ? migrations.length : Math.max(version, Math.min(version + 1, migrations.length));
  const steps = migrations.slice(version, reached);
  database.exec([...steps, `PRAGMA user_version = ${reached}`, "COMMIT"].join("\n;"));
  return reached;
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}
