import { minuteMs } from "@gatepost/protocol";
import type { Passing } from "../people/passing.ts";
import type { Break, Span } from "./schedule.ts";

/** The breaks of a day. */
interface Breaks {
  /** The ones that have a time; they do not overlap. */
  fixed: readonly Span[];
  all: readonly Break[];
  /** The times between a way out and the next way in. */
  away: readonly Span[];
}

/**
 * The whole minutes of the time from the first in to the last out, and the ones of it that are a break: the breaks of the
 * schedule, or the time away if that is longer. A break by length is taken off as far as the day is longer than `after`.
 */
export function workedIn(whole: Span, { fixed, all, away }: Breaks): { minutes: number; break: number } {
  const length = lengthOf([whole]);
  const byLength = all.reduce(
    (sum, one) =>
      "from" in one ? sum : sum + Math.min(one.minutes * minuteMs, Math.max(0, length - one.after * minuteMs)),
    0,
  );
  const due = length - lengthOf(without([whole], fixed)) + byLength;
  const minutes = wholeMinutes(Math.max(0, Math.min(length - due, lengthOf(without([whole], away)))));
  return { minutes, break: wholeMinutes(length) - minutes };
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

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, [from, to]) => sum + to - from, 0);
}

/** The parts of some times that are in none of others. */
function without(spans: readonly Span[], others: readonly Span[]): Span[] {
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
