import { dayMs } from "@gatepost/protocol";
import * as z from "zod/mini";
import type { LocalHours } from "./local-hours.ts";

/** The longest pause between two signs, by the hours (`LocalHours`) that it touched. */
const pausesSchema = z.record(z.string(), z.int());
export type Pauses = Record<string, number>;

export const lifeSchema = z.object({ first: z.int(), last: z.int(), pauses: pausesSchema });
export type Life = z.output<typeof lifeSchema>;

export function joinedLife<L extends Life>(
  known: L | null,
  heard: L | null,
  hours: LocalHours,
  isInterrupted: (from: number, to: number) => boolean = () => false,
): L | null {
  if (known === null || heard === null) return heard ?? known;
  // Signs that are older than the last known one, as of a replay, say nothing about pauses: other signs were between
  // them.
  const isLater = heard.first >= known.last;
  const pauses = isLater ? joinedPauses(known.pauses, heard.pauses) : { ...known.pauses };
  if (isLater && !isInterrupted(known.last, heard.first)) addPause(pauses, known.last, heard.first, hours);
  return {
    ...known,
    ...heard,
    first: Math.min(known.first, heard.first),
    last: Math.max(known.last, heard.last),
    pauses,
  };
}

/** Pauses of both; of one hour the longer one. */
export function joinedPauses(one: Pauses, other: Pauses): Pauses {
  const pauses = { ...one };
  for (const [hour, pause] of Object.entries(other)) pauses[hour] = Math.max(pauses[hour] ?? 0, pause);
  return pauses;
}

/** A longer pause is not noted: it is not the usual rhythm of a box. */
const maxPauseMs = 28 * dayMs;

/** Notes a pause in each hour that it touched. */
function addPause(pauses: Pauses, from: number, to: number, hours: LocalHours): void {
  if (to - from > maxPauseMs) return;
  for (let at = from; at <= to; at = hours.nextHour(at)) {
    const hour = hours.hourOf(at);
    pauses[hour] = Math.max(pauses[hour] ?? 0, to - from);
  }
}
