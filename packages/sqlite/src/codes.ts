import type { DatabaseSync } from "node:sqlite";

/** SQLite's codes for a file that is locked, and for one that is damaged or no database. */
const busy = 5;
const corrupt = 11;
const damaged = [corrupt, 26];

export function isBusy(error: unknown): boolean {
  return codeOf(error) === busy;
}

export function isDamaged(error: unknown): boolean {
  return damaged.includes(codeOf(error) ?? 0);
}

/** Reads all pages of a database. Throws an error of a damaged file where anything is wrong with them. */
export function requireSound(database: DatabaseSync): void {
  const [row] = database.prepare("PRAGMA quick_check(1)").all();
  const found = String(Object.values(row ?? {})[0]).replaceAll("\n", " ");
  if (found !== "ok") throw Object.assign(new Error(found), { errcode: corrupt });
}

/** The upper bits of an extended code say more. */
function codeOf(error: unknown): number | null {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : null;
}
