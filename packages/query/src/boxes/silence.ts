import { hourMs, minuteMs } from "@gatepost/protocol";
import type { Life, Pauses } from "./life.ts";
import type { LocalHours } from "./local-hours.ts";
import { missedWithin, type Reception } from "./reception.ts";

/*
 * When a box or a device counts as silent: docs/operations.md#silence. After three times its longest pause at this
 * weekday and hour in four weeks, but at least ten minutes; after an hour while that pause is not known.
 */

const weekHours = 7 * 24;
const weekMs = weekHours * hourMs;
const weeks = 4;

const timesTheLongest = 3;
const minSilenceMs = 10 * minuteMs;
/** ms after which it counts as silent where no rhythm is known yet. */
const unknownRhythmMs = hourMs;
/** A box is looked at again by then, whatever its rhythm is. */
const lookAgainMs = 24 * hourMs;

/** What a box or a device is judged by. */
export interface Watched {
  life: Pick<Life, "first" | "last">;
  /** ms that a person has set, instead of the rhythm. */
  afterMs: number | null;
  /** Its longest pauses by hour; at least those of the hours that `rhythmHours` names. */
  pauses: Pauses;
  reception: Reception;
}

/** The hours whose pauses decide about an hour (`LocalHours`): the same of this week and of the four before. */
export function sameHours(hour: number): number[] {
  return Array.from({ length: weeks + 1 }, (_, week) => hour - week * weekHours);
}

/** The hours whose pauses decide from `now` until a box is looked at again. */
export function rhythmHours(now: number, hours: LocalHours): number[] {
  const first = hours.hourOf(now);
  const last = hours.hourOf(now + lookAgainMs);
  return Array.from({ length: last - first + 1 }, (_, more) => sameHours(first + more)).flat();
}

/** The longest pause at this weekday and hour in four weeks; null where none was noted. */
export function usualPause(pauses: Pauses, time: number, hours: LocalHours): number | null {
  const known = sameHours(hours.hourOf(time)).flatMap((hour) => pauses[hour] ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

/** ms without a sign after which it counts as silent at `time`. */
export function silentAfter(
  { life, afterMs, pauses }: Pick<Watched, "life" | "afterMs" | "pauses">,
  time: number,
  hours: LocalHours,
): number {
  if (afterMs !== null) return afterMs;
  const usual = time - life.first < weekMs ? null : usualPause(pauses, time, hours);
  return usual === null ? unknownRhythmMs : Math.max(minSilenceMs, timesTheLongest * usual);
}

/**
 * Whether it is silent, and when to look again: at the latest when it becomes silent if nothing is heard until then.
 */
export function judge(watched: Watched, now: number, hours: LocalHours): { isSilent: boolean; lookAt: number } {
  const { life, reception } = watched;
  const quietSince = life.last + missedWithin(reception, life.last, now);
  const isSilentAt = (time: number) => time - quietSince >= silentAfter(watched, time, hours);
  // After a restart, boxes need a while to come back.
  const soonest = reception.since + minSilenceMs;
  if (now >= soonest && isSilentAt(now)) return { isSilent: true, lookAt: now };
  const until = now + lookAgainMs;
  for (let at = Math.max(now, soonest); at < until; at = hours.nextHour(at)) {
    const silentFrom = Math.max(at, quietSince + silentAfter(watched, at, hours));
    if (silentFrom < hours.nextHour(at)) return { isSilent: false, lookAt: Math.min(silentFrom, until) };
  }
  return { isSilent: false, lookAt: until };
}
