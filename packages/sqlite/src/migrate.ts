import type { DatabaseSync } from "node:sqlite";

/** The tables of a program's database, one step for each version. */
export interface Schema {
  /** The number in the header of each file with this schema, 1 to 2 ** 31 - 1. Builds before it wrote 0. */
  readonly application: number;
  readonly steps: readonly string[];
}

interface Named {
  file: string;
  program: string;
  /** The advice for a file of an earlier build, as the end of a sentence. */
  wayOut: string;
}

/**
 * Brings a database to the newest version, one step for each version. A new database takes all steps in one transaction,
 * with one sync. A database with rows takes each step in its own, so that the log has one step at most. Several
 * processes may do so at the same time. Throws if a newer program or an earlier build has written it, and then changes
 * nothing.
 *
 * @param named the file and the program, for the text of the error
 */
export function migrate(database: DatabaseSync, schema: Schema, { file, program, wayOut }: Named): void {
  if (isOfEarlierBuild(database, schema)) throw new Error(`${file} was written by an earlier build: ${wayOut}`);
  const newest = schema.steps.length;
  let version = pragma(database, "user_version");
  while (version < newest) version = takeStep(database, schema);
  if (version > newest)
    throw new Error(`${file} was written by a newer ${program} (schema ${version}); upgrade this one`);
}

/** Whether a build from before this schema has written a database: its versions have other numbers. */
export function isOfEarlierBuild(database: DatabaseSync, { application }: Pick<Schema, "application">): boolean {
  return pragma(database, "user_version") > 0 && pragma(database, "application_id") !== application;
}

/** Returns the version that is reached. */
function takeStep(database: DatabaseSync, { application, steps }: Schema): number {
  database.exec("BEGIN IMMEDIATE");
  // Read again, because another process may have taken the step before this one had the lock.
  const version = pragma(database, "user_version");
  const reached = version === 0 ? steps.length : Math.max(version, Math.min(version + 1, steps.length));
  const numbers = `PRAGMA application_id = ${application}; PRAGMA user_version = ${reached}`;
  database.exec([...steps.slice(version, reached), numbers, "COMMIT"].join("\n;"));
  return reached;
}

function pragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
