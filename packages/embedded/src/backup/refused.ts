/** A backup that cannot be made or restored. The message is one line that says what to do. */
export class BackupRefused extends Error {}

/** The database of a data folder cannot be opened for reading. Its cause says why. */
export class StoreUnreadable extends Error {
  readonly file: string;

  constructor(file: string, options: ErrorOptions) {
    super(`${file} cannot be read`, options);
    this.file = file;
  }
}

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
