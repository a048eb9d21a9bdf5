import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  Database,
  enterWalMode,
  lacksRoom,
  migrate,
  requireRoomToCopy,
  type Slack,
  type Writer,
} from "@gatepost/sqlite";
import { addFunctions } from "./functions.ts";
import { schema, wayOut } from "./schema.ts";
import { requireOwnSchema } from "./schema-check.ts";

/** ms that a write waits for another program that reads or copies the file. The process is blocked meanwhile. */
const lockTimeoutMs = 100;

/**
 * KiB of pages that are kept in memory: enough for the index of the ids of a million events, if each report is on
 * another page.
 */
const cacheKib = 32 * 1024;

/**
 * Moves everything from the log into the database file. Some is left while another program reads or copies the file.
 */
const emptyingLog = "PRAGMA wal_checkpoint(TRUNCATE)";

/**
 * Opens the database of a data folder and upgrades it to the schema of this version. Its log is then empty: data that
 * an ended process deleted is in neither file, unless another program reads them or the disk is full. Throws
 * OtherSchema if its tables, indexes and triggers differ from this version's: a replaced trigger could keep erased
 * data.
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new Database(file, { timeout: lockTimeoutMs, enableForeignKeyConstraints: true });
  try {
    addFunctions(database);
    enterWalMode(database);
    database.exec(`PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -${cacheKib}`);
    migrate(database, schema, { file: "the data folder", program: "Gatepost", wayOut });
    requireOwnSchema(database);
    emptyWhereThereIsRoom(database, file);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/**
 * Leaves the log as it is if the disk has no room for its content, which may be more than is reserved: a server must
 * start on a full disk too, so that keys can be revoked. The log is durable all the same, because SQLite syncs it
 * before it copies a page.
 */
function emptyWhereThereIsRoom(database: DatabaseSync, file: string): void {
  try {
    requireRoomToCopy(database, file);
    database.exec(emptyingLog);
  } catch (error) {
    if (!lacksRoom(error)) throw error;
    // SQLite would try again with each commit, and take the room that is reserved for these.
    database.exec("PRAGMA wal_autocheckpoint = 0");
  }
}

/**
 * Moves everything from the log into the database file, and empties the log. `secure_delete` overwrites deleted data
 * with zeros in the file, but not in the log, which is overwritten only later. While another program reads or copies
 * the file, this is left to the next call.
 */
export function emptyLog(database: DatabaseSync, writer: Writer): Promise<void> {
  return writer.alone(() => database.exec(emptyingLog));
}

/** Pages that are overwritten at once, so that no report waits for long. */
const pagesAtOnce = 500;

/**
 * Overwrites copies that `secure_delete` does not reach: SQLite leaves copies in unused parts of pages when it moves
 * rows that are deleted later. Reads the whole file. Returns false if some copies are left to the next time: another
 * program reads the file, or `signal` aborted it.
 */
export async function clearSlack(
  database: DatabaseSync,
  writer: Writer,
  { slack, signal }: { slack: Pick<Slack, "find" | "clear" | "sync">; signal: AbortSignal },
): Promise<boolean> {
  const pages = await slack.find(signal).catch((error: unknown) => {
    if (signal.aborted) return null;
    throw error;
  });
  if (pages === null) return false;
  for (let from = 0; from < pages.length; from += pagesAtOnce) {
    if (signal.aborted) return false;
    const isDone = await writer.alone(() => {
      if (database.prepare(emptyingLog).get()?.["busy"] !== 0) return false;
      // A page in memory would bring its old content back when it is written again.
      database.exec("PRAGMA shrink_memory");
      slack.clear(pages.slice(from, from + pagesAtOnce));
      return true;
    });
    if (!isDone) return false;
    // Other requests first.
    await nextTurn();
  }
  await slack.sync();
  return true;
}

/** A write without effect: it deletes its own row before any reader sees it. But SQLite syncs the pages of that row. */
export function durableProbe(database: DatabaseSync, writer: Writer): () => Promise<unknown> {
  const insert = database.prepare("INSERT INTO secrets VALUES ('probe', zeroblob(32))");
  const remove = database.prepare("DELETE FROM secrets WHERE name = 'probe'");
  return () =>
    writer.run(() => {
      insert.run();
      remove.run();
    });
}
