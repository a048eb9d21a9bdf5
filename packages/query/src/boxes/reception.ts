import { dayMs, minuteMs } from "@gatepost/protocol";
import * as z from "zod/mini";

/*
 * The times in which Gatepost could receive; in other times no box could give a sign. It notes a beat each minute. A
 * gap between beats is a time without reception.
 */

const time = z.int();

export const receptionSchema = z.object({
  /** Since when it has received without a gap, ms. */
  since: time,
  /** When it noted the last beat. */
  until: time,
  /** The gaps of four weeks, from and to. */
  gaps: z.array(z.tuple([time, time])),
});
export type Reception = z.output<typeof receptionSchema>;

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
