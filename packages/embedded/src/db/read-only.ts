import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { Database } from "@gatepost/sqlite";

/** ms to wait for a program that is writing the file this moment. */
const lockTimeoutMs = 10_000;

/** The database of a data folder cannot be opened for reading. Its cause says why. */
export class StoreUnreadable extends Error {
  readonly file: string;

  constructor(file: string, options: ErrorOptions) {
    super(`${file} cannot be read`, options);
    this.file = file;
  }
}

/** A killed server left a log, which cannot be read if no file can be made beside it. The message says what to do. */
export class StoreNeedsWrites extends Error {}

/**
 * Opens the database of a data folder for reading; a server may run on the folder. SQLite makes files beside the
 * database to read it. If no file can be made there and no log is left, the database has no writer, and is read without
 * such files.
 */
export function openStore(file: string, { timeout }: { timeout: number } = { timeout: lockTimeoutMs }): DatabaseSync {
  const isAlone = !existsSync(`${file}-wal`) && !takesFiles(dirname(file));
  return new Database(isAlone ? immutable(file) : file, { readOnly: true, timeout });
}

/** Opens it in the same way, and reads from it. Throws StoreUnreadable or StoreNeedsWrites if that fails. */
export function openReadable(file: string): DatabaseSync {
  const opened = openStore(file);
  try {
    opened.prepare("SELECT 1 FROM sqlite_schema").get();
    return opened;
  } catch (cause) {
    opened.close();
    if (!existsSync(`${file}-wal`) || takesFiles(dirname(file))) throw new StoreUnreadable(file, { cause });
    throw new StoreNeedsWrites(
      `${file} has a log that can be read only on a writable disk: copy its folder to one, and name the copy`,
      { cause },
    );
  }
}

function takesFiles(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The address, as SQLite takes it, of a database without a writer. */
export function immutable(path: string): URL {
  const url = pathToFileURL(path);
  url.search = "immutable=1";
  return url;
}
