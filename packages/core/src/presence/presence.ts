import { dayMs } from "@gatepost/protocol";
import type { Passing } from "../people/passing.ts";
import type { Zone } from "../zones/zone.ts";

/** Whether a person is inside, and the passing that decides it. */
export type Standing =
  | { is: "inside"; since: number; passing: Passing }
  /** `passing` is null if a correction decides. `isWithoutIn`: there was no way in within the 24 h before. */
  | { is: "outside"; since: number; passing: Passing | null; isWithoutIn: boolean }
  /** No passing has a direction. */
  | { is: "unknown" };

/**
 * Whether a person is inside at a moment. The last passing with a direction decides, and at the same ms the way out. The
 * order of the passings, and passings after the moment, have no effect.
 *
 * @param passings of one person, at all boxes of a site
 * @param departures times (ms) at which the person has left, as people say
 * @param at the moment, ms since 1970
 */
export function standingAt(passings: Iterable<Passing>, departures: Iterable<number>, at: number): Standing {
  let [lastIn, lastOut]: [Passing | null, Passing | null] = [null, null];
  const ins: number[] = [];
  for (const passing of passings) {
    if (passing.at > at) continue;
    if (passing.direction === "in") {
      ins.push(passing.at);
      lastIn = later(lastIn, passing);
    } else if (passing.direction === "out") lastOut = later(lastOut, passing);
  }
  const left = Math.max(lastOut?.at ?? Number.NEGATIVE_INFINITY, ...[...departures].filter((time) => time <= at));
  if (lastIn !== null && lastIn.at > left) return { is: "inside", since: lastIn.at, passing: lastIn };
  if (left === Number.NEGATIVE_INFINITY) return { is: "unknown" };
  const isWithoutIn = !ins.some((time) => time <= left && time >= left - dayMs);
  return { is: "outside", since: left, passing: lastOut?.at === left ? lastOut : null, isWithoutIn };
}

/** The later one. Of the same ms it is the one whose id is first, so that the order of arrival has no effect. */
function later(one: Passing | null, other: Passing): Passing {
  if (one === null || other.at > one.at) return other;
  return other.at === one.at && other.event < one.event ? other : one;
}

/**
 * Whether a person who is inside is listed as not seen leaving: from the end of the local day on, and in a night shift
 * from the end of its last window on.
 *
 * @param shiftEnd of the night shift in which the person went in (`nightShiftEnd`), ms; null if it is in none
 */
export function isOverdue(since: number, { at, zone, shiftEnd }: { at: number; zone: Zone; shiftEnd: number | null }) {
  return at >= Math.max(zone.startOfDay(zone.dayOf(since) + 1), shiftEnd ?? Number.NEGATIVE_INFINITY);
}
