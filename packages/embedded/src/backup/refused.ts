/** A backup that cannot be made or restored. The message is one line that says what to do. */
export class BackupRefused extends Error {}

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
