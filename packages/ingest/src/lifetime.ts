import { checkLifetimeMs, dayMs, isCheckBox } from "@gatepost/protocol";
import type { Upsert } from "./ports/event-index.ts";
import type { Settings } from "./ports/settings.ts";

/** ms from receipt to expiry: for an event from the first receipt, for quarantine and box status from their own. */
export function lifetimeOf({ retentionDays }: Pick<Settings, "retentionDays">): number {
  return retentionDays * dayMs;
}

/** ms from the first receipt of an event to its expiry. Events of a check expire soon. */
export function eventLifetimeOf(box: string, settings: Pick<Settings, "retentionDays">): number {
  return isCheckBox(box) ? checkLifetimeMs : lifetimeOf(settings);
}

/**
 * Whether a report makes the life of its event shorter: a replayed report may have been received before all others. A
 * report that has expired itself does not, so that a late replay removes no event.
 */
export function shortens({ expiresAt, now }: Pick<Upsert, "expiresAt" | "now">, eventExpiresAt: number): boolean {
  return now < expiresAt && expiresAt < eventExpiresAt;
}
