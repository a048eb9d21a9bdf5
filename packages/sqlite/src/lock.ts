import { DatabaseSync } from "node:sqlite";

/** SQLite's number for a file that another has, in the lower eight bits of its error codes. */
const busy = 5;

/**
 * Takes a file for this process alone, and returns what lets go of it. The lock is one of the operating system's, so it
 * ends with the process however that ends. Throws what `taken` makes where it is not free within `wait` ms.
 */
export function lock(file: string, { wait, taken }: { wait: number; taken(cause: unknown): Error }): () => void {
  const database = new DatabaseSync(file, { timeout: wait });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw isTaken(error) ? taken(error) : error;
  }
  return () => database.close();
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === busy;
}
