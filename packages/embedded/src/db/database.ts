import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { migrate, type Slack, type Writer } from "@gatepost/sqlite";
import { gramsOf } from "./grams.ts";
import { migrations } from "./schema.ts";

/** ms that a write waits for another program that reads or copies the file. The process stands still meanwhile. */
const lockPatience = 100;

/** KiB of pages that are kept in memory: the index of ids of a million events, where each report is at a page of its own. */
const cacheKib = 32 * 1024;

/** Moves everything from the log into the database file. Where another program reads or copies the file, some is left. */
const emptyingLog = "PRAGMA wal_checkpoint(TRUNCATE)";

/**
 * Opens the database of a data folder and brings it to this version's schema. Its log is empty then: what a process that
 * ended had deleted is in neither, unless another program reads the file.
 */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: lockPatience, enableForeignKeyConstraints: true });
  try {
    database.function("gatepost_grams", { deterministic: true }, (text) => JSON.stringify(gramsOf(String(text))));
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -${cacheKib}`,
    );
    migrate(database, migrations, { file: "the data folder", program: "Gatepost" });
    database.exec(emptyingLog);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/**
 * Moves everything from the log into the database file, and empties the log. With `secure_delete` what was deleted is
 * zeros in the file, but not in the log, which is overwritten only later. Where another program reads or copies the
 * file, this is left to the next time.
 */
export function emptyLog(database: DatabaseSync, writer: Writer): Promise<void> {
  return writer.alone(() => database.exec(emptyingLog));
}

/** Pages that are overwritten at once, so that no report has to wait for long. */
const pagesAtOnce = 500;

/**
 * Overwrites what `secure_delete` does not reach: what SQLite has left in unused parts of pages when it moved rows that were
 * deleted later. Reads the whole file. Returns false where something is left to the next time: where another program reads
 * the file, or `signal` breaks it off.
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
      // A page in memory would bring back what it has once it is written again.
      database.exec("PRAGMA shrink_memory");
      slack.clear(pages.slice(from, from + pagesAtOnce));
      return true;
    });
    if (!isDone) return false;
    // What has come meanwhile goes first.
    await nextTurn();
  }
  await slack.sync();
  return true;
}

/** A write that changes nothing: the row is gone before it is seen, but SQLite syncs the pages that it was in. */
export function durableProbe(database: DatabaseSync, writer: Writer): () => Promise<unknown> {
  const insert = database.prepare("INSERT INTO secrets VALUES ('probe', zeroblob(32))");
  const remove = database.prepare("DELETE FROM secrets WHERE name = 'probe'");
  return () =>
    writer.run(() => {
      insert.run();
      remove.run();
    });
}
