import type { Settings } from "./ports/settings.ts";

const millisecondsPerDay = 24 * 60 * 60 * 1000;

/** ms from the receipt of whatever a box sent to its expiry: of an event the first, of quarantine and notices their own. */
export function lifetimeOf({ retentionDays }: Pick<Settings, "retentionDays">): number {
  return retentionDays * millisecondsPerDay;
}
