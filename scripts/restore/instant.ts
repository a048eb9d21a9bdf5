/**
 * The ms since 1970 of an instant, or NaN. Without its zone it would be another time on each machine, and what lies between
 * would be left behind.
 */
export function timeOf(instant: string): number {
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(instant) ? Date.parse(instant) : Number.NaN;
}
