import { dayMs, hourMs, minuteMs } from "@gatepost/protocol";
import type { Hours, Life, Pauses, Reception } from "./record.ts";

/*
 * The times in which Gatepost could receive; in other times no box could give a sign. It notes a beat each minute. A
 * gap between beats is a time without reception.
 */

/** ms between two beats beyond which Gatepost did not receive. */
const maxBeatMs = 3 * minuteMs;

/** ms for which a gap is kept: no pause that counts is longer. */
const keptMs = 28 * dayMs;

/** Gaps that are kept, the latest: it may be restarted very often. */
const maxGaps = 1000;

/** The reception after a beat. `isRestart`: the process was not there since the last one, however short that was. */
export function beat(reception: Reception | null, now: number, isRestart: boolean): Reception {
  if (reception === null) return { since: now, until: now, gaps: [] };
  const { since, until, gaps } = reception;
  // After the clock was set back, the time in between is unknown.
  if (now < until) return { since: Math.min(since, now), until: now, gaps: gaps.filter(([, to]) => to <= now) };
  if (!isRestart && now - until <= maxBeatMs) return { since, until: now, gaps };
  const kept = gaps.filter(([, to]) => to > now - keptMs);
  return { since: now, until: now, gaps: [...kept, [until, now] satisfies [number, number]].slice(-maxGaps) };
}

/** ms of a time span in which Gatepost did not receive. */
export function missedWithin({ gaps }: Reception, from: number, to: number): number {
  return gaps.reduce((sum, [start, end]) => sum + Math.max(0, Math.min(end, to) - Math.max(start, from)), 0);
}

/** Whether it is known that nothing was missed until now. */
export function isCurrent({ until }: Pick<Reception, "until">, now: number): boolean {
  return now - until <= maxBeatMs;
}

/*
 * When a box or a device counts as silent: docs/operations.md#silence. After three times its longest pause at this
 * weekday and hour in four weeks, but at least ten minutes; after an hour while that pause is not known.
 */

const weekHours = 7 * 24;
const weekMs = weekHours * hourMs;
const weeks = 4;

const timesTheLongest = 3;
const minSilenceMs = 10 * minuteMs;
/** ms after which it counts as silent if no rhythm is known yet. */
const unknownRhythmMs = hourMs;
/** A box is looked at again by then, with any rhythm. */
const lookAgainMs = 24 * hourMs;

/** The state by which a box or a device is judged. */
export interface Watched {
  life: Pick<Life, "first" | "last">;
  /** ms that a person has set, instead of the rhythm. */
  afterMs: number | null;
  /** Its longest pauses by hour; at least for the hours that `rhythmHours` names. */
  pauses: Pauses;
  reception: Reception;
}

/** The hours whose pauses decide about an hour (`LocalHours`): the same of this week and of the four before. */
export function sameHours(hour: number): number[] {
  return Array.from({ length: weeks + 1 }, (_, week) => hour - week * weekHours);
}

/** The hours whose pauses decide from `now` until a box is looked at again. */
export function rhythmHours(now: number, hours: Hours): number[] {
  const first = hours.hourOf(now);
  const last = hours.hourOf(now + lookAgainMs);
  return Array.from({ length: last - first + 1 }, (_, more) => sameHours(first + more)).flat();
}

/** The longest pause at this weekday and hour in four weeks; null if none was noted. */
export function usualPause(pauses: Pauses, time: number, hours: Hours): number | null {
  const known = sameHours(hours.hourOf(time)).flatMap((hour) => pauses[hour] ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

/** ms without a sign after which it counts as silent at `time`. */
export function silentAfter(
  { life, afterMs, pauses }: Pick<Watched, "life" | "afterMs" | "pauses">,
  time: number,
  hours: Hours,
): number {
  if (afterMs !== null) return afterMs;
  const usual = time - life.first < weekMs ? null : usualPause(pauses, time, hours);
  return usual === null ? unknownRhythmMs : Math.max(minSilenceMs, timesTheLongest * usual);
}

/**
 * Whether it is silent, and when to look again: at the latest when it becomes silent if nothing is heard until then.
 */
export function judge(watched: Watched, now: number, hours: Hours): { isSilent: boolean; lookAt: number } {
  const { life, reception } = watched;
  const quietSince = life.last + missedWithin(reception, life.last, now);
  const isSilentAt = (time: number) => time - quietSince >= silentAfter(watched, time, hours);
  // After a restart, boxes need a while to reconnect.
  const soonest = reception.since + minSilenceMs;
  if (now >= soonest && isSilentAt(now)) return { isSilent: true, lookAt: now };
  const until = now + lookAgainMs;
  for (let at = Math.max(now, soonest); at < until; at = hours.nextHour(at)) {
    const silentFrom = Math.max(at, quietSince + silentAfter(watched, at, hours));
    if (silentFrom < hours.nextHour(at)) return { isSilent: false, lookAt: Math.min(silentFrom, until) };
  }
  return { isSilent: false, lookAt: until };
}
