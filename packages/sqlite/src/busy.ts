/** SQLite's number for a file that another has, whatever the upper bits say beside. */
const busy = 5;

export function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === busy;
}
