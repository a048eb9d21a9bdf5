import { minuteMs } from "@gatepost/protocol";
import type { Passing } from "../people/passing.ts";
import type { Break, Span } from "./schedule.ts";

/** The times of a day that are no part of its minutes, or are summed apart. */
export interface Apart {
  /** The breaks that have a time; they do not overlap. */
  fixed: readonly Span[];
  breaks: readonly Break[];
  /** The times between a way out and the next way in; none if the schedule has no breaks. */
  away: readonly Span[];
  leave: Span | null;
  nights: readonly Span[];
}

/**
 * The whole minutes from the first in to the last out without leave, the ones of them that are a break, and the rest's ones
 * of the night. A break is the breaks of the schedule, or the time away if that is longer. A break by length is taken off
 * as far as the day is longer than `after`: of the night only if the rest of the day is too short for it.
 */
export function workedIn(
  whole: Span,
  { fixed, breaks, away, leave, nights }: Apart,
): { minutes: number; break: number; nightMinutes: number } {
  const present = without([whole], leave === null ? [] : [leave]);
  const length = lengthOf(present);
  const byLength = breaks.reduce(
    (sum, one) =>
      "from" in one ? sum : sum + Math.min(one.minutes * minuteMs, Math.max(0, length - one.after * minuteMs)),
    0,
  );
  const [inShift, inside] = [without(present, fixed), without(present, away)];
  const left = Math.max(0, lengthOf(inShift) - byLength);
  const isAway = lengthOf(inside) < left;
  const minutes = wholeMinutes(isAway ? lengthOf(inside) : left);
  const kept = isAway ? inside : inShift;
  const atNight = wholeMinutes(lengthOf(kept) - lengthOf(without(kept, nights)));
  return { minutes, break: wholeMinutes(length) - minutes, nightMinutes: Math.min(minutes, atNight) };
}

/** The times between a way out and the next way in. Of several ways out in a row the last one counts. */
export function timesAway(passings: readonly Passing[]): Span[] {
  const found: Span[] = [];
  let left: number | null = null;
  for (const { at, direction } of passings) {
    if (direction === "in" && left !== null) found.push([left, at]);
    if (direction !== null) left = direction === "out" ? at : null;
  }
  return found;
}

export function wholeMinutes(ms: number): number {
  return Math.floor(ms / minuteMs);
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, [from, to]) => sum + to - from, 0);
}

/** The parts of some times that are in none of others. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  return others.reduce<Span[]>(
    (rest, [from, to]) =>
      rest.flatMap(([begin, end]) =>
        (
          [
            [begin, Math.min(end, from)],
            [Math.max(begin, to), end],
          ] as const
        ).filter(([a, b]) => a < b),
      ),
    spans.filter(([from, to]) => from < to),
  );
}
