/**
 * A number with its noun.
 *
 * @example
 * plural(1, "event is", "events are"); // "1 event is"
 */
export function plural(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}
