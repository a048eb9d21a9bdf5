import type { FaceEvent } from "./event.ts";
import type { Report } from "./report.ts";

/** ms after a passing from which on an entry about it is late. */
const lateAfterMs = 60_000;

/** ms by which the clock of a box may be ahead of Gatepost's. */
const aheadMs = 5000;

/**
 * Why an entry is late: `backfill`, it was read from a box's memory on request; `history`, the report reached Gatepost
 * late; `outage`, the report was in time and the entry waited in Gatepost.
 */
export const lateReasons = ["backfill", "history", "outage"] as const;

export interface Lateness {
  /** ms since the passing; null if the time of the passing is unknown or in the future. */
  age_ms: number | null;
  /** Whether the passing was over a minute ago, or its time is unknown. */
  late: boolean;
  /** Null if it is not late, or its delay is unknown. */
  late_reason: (typeof lateReasons)[number] | null;
}

/** ms since a passing; null if its time is not known, or is over 5 s ahead. `now` is ms since 1970. */
export function ageOf({ timestamp, flags }: Pick<FaceEvent, "timestamp" | "flags">, now: number): number | null {
  if (flags.includes("clock") || timestamp - now > aheadMs) return null;
  return Math.max(0, now - timestamp);
}

/** Whether a passing of this age (ms; null: not known) is over a minute ago, or may be. */
export function isLate(age: number | null): boolean {
  return age === null || age > lateAfterMs;
}

/** How late an entry about an event is at `now` (ms since 1970), by `report`, its source. */
export function latenessOf(event: Pick<FaceEvent, "timestamp" | "flags">, report: Report, now: number): Lateness {
  const age = ageOf(event, now);
  const late = isLate(age);
  return { age_ms: age, late, late_reason: late ? reasonOf(event, report, age) : null };
}

function reasonOf(
  { timestamp }: Pick<FaceEvent, "timestamp">,
  { kind, receivedAt }: Report,
  age: number | null,
): Lateness["late_reason"] {
  if (kind === "backfill") return "backfill";
  if (age === null) return null;
  return receivedAt - timestamp > lateAfterMs ? "history" : "outage";
}
