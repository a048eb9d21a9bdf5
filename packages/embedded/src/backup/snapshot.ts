import { createHash } from "node:crypto";
import { accessSync, closeSync, constants, existsSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { BackupRefused, StoreUnreadable } from "./refused.ts";

/** ms to wait for a program that is writing the file this moment. */
const lockTimeoutMs = 10_000;

/** All pages in one step: in several, a store that is written to meanwhile would be begun anew for ever. */
const allPages = 2 ** 31 - 1;

const secretRow = z.object({ value: z.instanceof(Uint8Array) });

/**
 * Copies the database of a store as it is at one moment into a new file, whether a server writes to it or not, durably.
 * The log of the store grows while it is copied.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  using source = openStore(from);
  try {
    source.prepare("SELECT 1 FROM sqlite_schema").get();
  } catch (cause) {
    if (!existsSync(`${from}-wal`) || takesFiles(dirname(from))) throw new StoreUnreadable(from, { cause });
    throw new BackupRefused(
      `${from} has a log that only a disk that takes writes can give: copy its folder to one, and name that`,
      { cause },
    );
  }
  // SQLite keeps the mode of a file that is there.
  closeSync(openSync(to, "wx", 0o600));
  await backup(source, to, { rate: allPages });
  await using file = await open(to, "r+");
  await file.sync();
}

/**
 * Opens the database of a data folder for reading, on which a server may run. SQLite reads with files of its own beside
 * it. Where no file can be made there and no log is left, nobody writes to it, and it is read without them.
 */
export function openStore(file: string, { timeout }: { timeout: number } = { timeout: lockTimeoutMs }): DatabaseSync {
  const isAlone = !existsSync(`${file}-wal`) && !takesFiles(dirname(file));
  return new DatabaseSync(isAlone ? immutable(file) : file, { readOnly: true, timeout });
}

function takesFiles(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Opens a copy that nobody writes to. No file is made beside it. */
export function openCopy(path: string): DatabaseSync {
  return new DatabaseSync(immutable(path), { readOnly: true });
}

/** The same as a text that SQL takes. */
export function immutable(path: string): URL {
  const url = pathToFileURL(path);
  url.search = "immutable=1";
  return url;
}

/** The version of the schema. Throws where it is no database of a store. */
export function schemaOf(database: DatabaseSync): number {
  const { user_version: version } = parseStored(
    z.object({ user_version: z.int().positive() }),
    database.prepare("PRAGMA user_version").get(),
    "the version of the database",
  );
  return version;
}

/** By what backups of one store are known: a hash of its secret, which does not open anything. */
export function storeOf(database: DatabaseSync): string {
  const row = database.prepare("SELECT value FROM secrets WHERE name = 'cursor'").get();
  const { value } = parseStored(secretRow, row, "the secret of the store");
  return createHash("sha256").update("store").update(value).digest("hex").slice(0, 16);
}

/** Whether this version of the schema has a table. */
export function hasTable(database: DatabaseSync, table: string): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined;
}

/** How many rows a table has, and 0 where this version of the schema has none. */
export function countOf(database: DatabaseSync, table: string): number {
  if (!hasTable(database, table)) return 0;
  return Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
}

/** Throws BackupRefused where SQLite finds that a database is damaged. */
export function checkPages(database: DatabaseSync, place: string): void {
  const rows = database.prepare("PRAGMA quick_check(1)").all();
  const found = String(Object.values(rows[0] ?? {})[0]);
  if (found !== "ok") throw new BackupRefused(`the database of ${place} is damaged: ${found}; use another backup`);
}
