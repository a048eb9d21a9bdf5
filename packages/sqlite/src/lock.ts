import { DatabaseSync } from "node:sqlite";
import { isBusy } from "./busy.ts";

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
    throw isBusy(error) ? taken(error) : error;
  }
  return () => database.close();
}
