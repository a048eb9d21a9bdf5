/**
 * The first of some names, and how many more there are.
 *
 * @example
 * listed(["a", "b", "c"], 2); // "a, b and 1 more"
 */
export function listed(names: readonly string[], max: number): string {
  const more = names.length - max;
  return `${names.slice(0, max).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
