import { closeSync, existsSync, openSync, truncateSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isBusy, isDamaged } from "./codes.ts";

/**
 * Locks a file for this process. Returns a function that unlocks it. It is a lock of the operating system, so it ends
 * with the process, however that ends. Nothing is in the file, so what has come into it is removed. Throws the error of
 * `taken` where the file is not free within `wait` ms.
 *
 * @example
 * const unlock = lock("spool/lock", { wait: 1000, taken: (cause) => new Error("already running", { cause }) });
 */
export function lock(file: string, { wait, taken }: { wait: number; taken(cause: unknown): Error }): () => void {
  // One that is there is not opened: to close it again would end a lock of this process.
  if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
  try {
    return hold(file, wait);
  } catch (error) {
    if (isBusy(error)) throw taken(error);
    if (!isDamaged(error)) throw error;
  }
  // SQLite reads the file only once it may: nobody held it. Of several that come here each gives it the same size, and
  // one of them gets it.
  truncateSync(file);
  try {
    return hold(file, wait);
  } catch (error) {
    throw isBusy(error) ? taken(error) : error;
  }
}

function hold(file: string, wait: number): () => void {
  const database = new DatabaseSync(file, { timeout: wait });
  try {
    // Nothing is written to the file, so nothing needs a journal: a full disk would have no room for one.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw error;
  }
  return () => database.close();
}
