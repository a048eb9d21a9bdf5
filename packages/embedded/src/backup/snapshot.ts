import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { backup, type DatabaseSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import { Database, isOfEarlierBuild } from "@gatepost/sqlite";
import * as z from "zod";
import { immutable, openReadable } from "../db/read-only.ts";
import { schema, wayOut } from "../db/schema.ts";
import { BackupRefused } from "./refused.ts";

/** Copies all pages in one step. In several steps, each write to the store meanwhile would restart the copy. */
const allPages = 2 ** 31 - 1;

const secretRow = z.object({ value: z.instanceof(Uint8Array) });

/**
 * Copies the database of a store as it is at one moment into a new file, whether a server writes to it or not, durably.
 * The log of the store grows while it is copied.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  using source = openReadable(from);
  // SQLite keeps the mode of a file that is there.
  closeSync(openSync(to, "wx", 0o600));
  await backup(source, to, { rate: allPages });
  await using file = await open(to, "r+");
  await file.sync();
}

/** Opens a copy that has no writer. No file is made beside it. */
export function openCopy(path: string): DatabaseSync {
  return new Database(immutable(path), { readOnly: true });
}

/** The version of the schema. Throws if it is no database of a store. */
export function schemaOf(database: DatabaseSync): number {
  const { user_version: version } = parseStored(
    z.object({ user_version: z.int().positive() }),
    database.prepare("PRAGMA user_version").get(),
    "the version of the database",
  );
  return version;
}

/** Identifies backups of one store: a hash of its secret, which does not open anything. */
export function storeOf(database: DatabaseSync): string {
  const row = database.prepare("SELECT value FROM secrets WHERE name = 'cursor'").get();
  const { value } = parseStored(secretRow, row, "the secret of the store");
  return createHash("sha256").update("store").update(value).digest("hex").slice(0, 16);
}

/** Throws BackupRefused if an earlier build wrote the database of a data folder. */
export function refuseEarlierBuild(database: DatabaseSync, data: string): void {
  if (isOfEarlierBuild(database, schema)) throw new BackupRefused(`${data} was written by an earlier build: ${wayOut}`);
}

/** How many rows a table has. */
export function countOf(database: DatabaseSync, table: string): number {
  return Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
}

/** The first damage that SQLite finds in the pages of a database, in one line; null if there is none. */
export function damageOf(opened: DatabaseSync, { isDeep }: { isDeep: boolean }): string | null {
  const [row] = opened.prepare(isDeep ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)").all();
  const answer = String(Object.values(row ?? {})[0]);
  return answer === "ok" ? null : answer.replaceAll("\n", " ");
}

/** Throws BackupRefused if SQLite finds that a database is damaged. */
export function checkPages(database: DatabaseSync, place: string): void {
  const damage = damageOf(database, { isDeep: false });
  if (damage !== null) throw new BackupRefused(`the database of ${place} is damaged: ${damage}; use another backup`);
}
