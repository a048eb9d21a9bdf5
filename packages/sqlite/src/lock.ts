import { DatabaseSync } from "node:sqlite";
import { isBusy } from "./busy.ts";

/**
 * Locks a file for this process. Returns a function that unlocks it. It is a lock of the operating system, so it ends
 * with the process, however that ends. Throws the error of `taken` where the file is not free within `wait` ms.
 *
 * @example
 * const unlock = lock("spool/lock", { wait: 1000, taken: (cause) => new Error("already running", { cause }) });
 */
export function lock(file: string, { wait, taken }: { wait: number; taken(cause: unknown): Error }): () => void {
  const database = new DatabaseSync(file, { timeout: wait });
  try {
    // Nothing is written to the file, so nothing needs a journal: a full disk would have no room for one.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw isBusy(error) ? taken(error) : error;
  }
  return () => database.close();
}
