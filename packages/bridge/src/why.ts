/** The message of an error, or of any other thrown value. */
export function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
