import { checkLifetimeMs, dayMs, isCheckBox } from "@gatepost/protocol";
import type { Settings } from "./ports/settings.ts";

/** ms from receipt to expiry: for an event from the first receipt, for quarantine and box status from their own. */
export function lifetimeOf({ retentionDays }: Pick<Settings, "retentionDays">): number {
  return retentionDays * dayMs;
}

/** ms from the first receipt of an event to its expiry. Events of a check expire soon. */
export function eventLifetimeOf(box: string, settings: Pick<Settings, "retentionDays">): number {
  return isCheckBox(box) ? checkLifetimeMs : lifetimeOf(settings);
}
