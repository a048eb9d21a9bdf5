/** SQLite's codes for a file that it cannot open, and for one that is damaged or is not a database. */
export const cannotOpen = 14;
export const corrupt = 11;
export const notADatabase = 26;

/** The basic code of an error of SQLite, without its upper bits; null for any other error. */
export function sqliteCodeOf(error: unknown): number | null {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : null;
}
