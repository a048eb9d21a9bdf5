/** SQLite's code for a file that is locked. The upper bits of an extended code say more. */
const busy = 5;

export function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === busy;
}
