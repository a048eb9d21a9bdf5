/** SQLite's codes for a file that is locked, and for one that is damaged or no database. */
const busy = 5;
const damaged = [11, 26];

export function isBusy(error: unknown): boolean {
  return codeOf(error) === busy;
}

export function isDamaged(error: unknown): boolean {
  return damaged.includes(codeOf(error) ?? 0);
}

/** The upper bits of an extended code say more. */
function codeOf(error: unknown): number | null {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : null;
}
