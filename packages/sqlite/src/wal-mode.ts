import type { DatabaseSync } from "node:sqlite";
import { isBusy } from "./codes.ts";

/** More than processes that begin at the same moment need. */
const maxTries = 20;

/**
 * Lets a database write to a log first (WAL mode), which its file then says for good. Where another process does the
 * same at that moment, SQLite fails at once, also where the database has a timeout. So it is made to wait for the lock
 * of a write, for which it has the timeout, and then tries again.
 */
export function enterWalMode(database: DatabaseSync): void {
  for (let tries = 1; ; tries++) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || tries === maxTries) throw error;
    }
    database.exec("BEGIN EXCLUSIVE; ROLLBACK");
  }
}
