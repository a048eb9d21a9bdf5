import { checkLifetimeMs, dayMs, isCheckBox } from "@gatepost/protocol";
import type { Upsert } from "../events/ports.ts";

export interface Settings {
  /** Days from the first receipt of an event to its expiry. Nothing else that a box sent is kept longer. */
  retentionDays: number;
  /** Days from the first receipt of an event to the end of its scene; null if scenes are kept as their events. */
  sceneDays: number | null;
  /** Whether feature vectors, which are biometric data, are kept in `extra`. */
  keepFeatures: boolean;
  /** The box of reports without a key; null if every report needs a key. */
  openBox: string | null;
  /** Whether every new event is put on the bus, also one that asks for no action. */
  announceEvents: boolean;
}

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

/** Days for which events, quarantine and scenes are kept. */
export interface RetentionFacts {
  eventDays: number;
  quarantineDays: number;
  /** Null if scenes are kept as their events. */
  sceneDays: number | null;
}

export interface RetentionEditor {
  /** Durable once it resolves. Quarantine goes by it at once, events that are stored already within seconds. */
  set(days: RetentionFacts): Promise<void>;
}
