import type { DatabaseSync } from "node:sqlite";

/** SQLite's codes for a locked file, and for one that is damaged or not a database. */
const busy = 5;
const corrupt = 11;
const damaged = [corrupt, 26];

export function isBusy(error: unknown): boolean {
  return codeOf(error) === busy;
}

export function isDamaged(error: unknown): boolean {
  return damaged.includes(codeOf(error) ?? 0);
}

/** Reads all pages of a database. Throws the error of a damaged file if any of them is wrong. */
export function requireSound(database: DatabaseSync): void {
  const [row] = database.prepare("PRAGMA quick_check(1)").all();
  const found = String(Object.values(row ?? {})[0]).replaceAll("\n", " ");
  if (found !== "ok") throw Object.assign(new Error(found), { errcode: corrupt });
}

/** The lower bits of an extended code are the basic code. */
function codeOf(error: unknown): number | null {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : null;
}
