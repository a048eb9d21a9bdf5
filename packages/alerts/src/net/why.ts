/**
 * Why something failed, in words. Where a name has several addresses and none of them answers, the error itself says
 * nothing, and has one error for each address.
 */
export function why(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(why).join(", ");
  return error instanceof Error ? error.message : String(error);
}
