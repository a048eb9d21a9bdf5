import { closeSync, existsSync, openSync, truncateSync } from "node:fs";
import { isBusy, isDamaged } from "./codes.ts";
import { Database } from "./database.ts";

/**
 * Locks a file for this process. Returns a function that unlocks it. It is a lock of the operating system, so it ends
 * with the process, even if that is killed. The file stays empty: any content is removed. Throws the error of `taken`
 * if the file is not free within `wait` ms.
 *
 * @example
 * const unlock = lock("spool/lock", { wait: 1000, taken: (cause) => new Error("already running", { cause }) });
 */
export function lock(file: string, { wait, taken }: { wait: number; taken(cause: unknown): Error }): () => void {
  // An existing file is not opened: closing it again would end a lock of this process.
  if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
  try {
    return hold(file, wait);
  } catch (error) {
    if (isBusy(error)) throw taken(error);
    if (!isDamaged(error)) throw error;
  }
  // The holder of the lock has found the file empty, so no one had it. If several processes arrive here, each truncates
  // the file, and one of them gets the lock.
  truncateSync(file);
  try {
    return hold(file, wait);
  } catch (error) {
    throw isBusy(error) ? taken(error) : error;
  }
}

function hold(file: string, wait: number): () => void {
  const database = new Database(file, { timeout: wait });
  try {
    // Nothing is written to the file, so no journal is needed. A full disk would have no room for one. Not an exclusive
    // lock: that is refused while others look at the file, so none of several processes that try at the same moment
    // might get it.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE");
  } catch (error) {
    database.close();
    throw error;
  }
  return () => database.close();
}
