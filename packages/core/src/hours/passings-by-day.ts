import { minuteMs } from "@gatepost/protocol";
import { type Passing, passingsInOrder } from "../people/passing.ts";
import type { Zone } from "../zones/zone.ts";
import type { DayWindows } from "./schedule.ts";

/** The windows of a person on a day. */
export type WindowsOn = (day: number) => DayWindows;

/** ms between a first in and a last out that have no direction, at least. */
export const shortestMs = 5 * minuteMs;

/** Days in a row that depend on the day before, at most. A longer row begins anew on days that this number divides. */
const rowDays = 28;

/** A passing, and the days in whose windows, or between them, it is. */
interface Placed {
  passing: Passing;
  days: readonly number[];
}

interface Facts {
  windowsOn: WindowsOn;
  zone: Zone;
  /** The first day whose passings are all kept. */
  firstKept: number;
}

/**
 * The passings of each day. One that is in the windows of two days belongs to the earlier one if its direction is out, and
 * to the later one if it is in. Without a direction it belongs to the earlier one if that has a first in and no last out.
 * So a day may depend on the days before it: `rowOf` is the first one that must be known to count it.
 */
export function passingsByDay(passings: Iterable<Passing>, { windowsOn, zone, firstKept }: Facts) {
  const placed = passingsInOrder(passings).map((passing) => ({
    passing,
    days: daysAround(passing.at, windowsOn, zone),
  }));
  const linked = linkedDays(placed, firstKept);
  const ofDay = new Map<number, Passing[]>();
  const begun = new Map<number, Begun>();
  for (const { passing, days } of placed) {
    const { at, direction } = passing;
    const day =
      direction === null ? dayWithout(at, days, { windowsOn, linked, begun }) : dayBy(direction, at, days, windowsOn);
    if (day === undefined) continue;
    const held = ofDay.get(day) ?? [];
    held.push(passing);
    ofDay.set(day, held);
    begun.set(day, begunBy(passing, begun.get(day) ?? { first: null, out: null }, windowsOn(day)));
  }
  return { ofDay, rowOf: (day: number) => rowOf(day, linked) };
}

/** The days in whose windows, or between them, a time is, the earliest first. */
export function daysAround(at: number, windowsOn: WindowsOn, zone: Zone): number[] {
  const local = zone.dayOf(at);
  return [local - 2, local - 1, local, local + 1].filter((day) => {
    const { in: first, out: last } = windowsOn(day);
    return at >= first[0] && at < last[1];
  });
}

/** The one of some days that a passing with a direction belongs to. */
export function dayBy(
  direction: "in" | "out",
  at: number,
  days: readonly number[],
  windowsOn: WindowsOn,
): number | undefined {
  if (direction === "in") return days.findLast((day) => isWithin(at, windowsOn(day).in)) ?? days.at(-1);
  return days.find((day) => isWithin(at, windowsOn(day).out)) ?? days[0];
}

/** The one of some days that a passing without a direction belongs to. */
function dayWithout(
  at: number,
  days: readonly number[],
  {
    windowsOn,
    linked,
    begun,
  }: { windowsOn: WindowsOn; linked: ReadonlySet<number>; begun: ReadonlyMap<number, Begun> },
): number | undefined {
  const [first = 0, last = first] = [days[0], days.at(-1)];
  let start = last;
  while (start > first && !isAnew(start, linked)) start -= 1;
  // Days before a new row are not looked at: they may not have been read. The end of their shifts decides.
  const isOpen = (day: number) =>
    day < start ? at >= (windowsOn(day).shift?.end ?? Number.POSITIVE_INFINITY) : isOpenAt(at, begun.get(day));
  return days.find(isOpen) ?? days.at(-1);
}

/** The days that depend on the day before: a passing without a direction is in the windows of both. */
function linkedDays(placed: readonly Placed[], firstKept: number): Set<number> {
  const linked = new Set<number>();
  for (const { passing, days } of placed) {
    const [first = 0, last = first] = [days[0], days.at(-1)];
    if (passing.direction !== null) continue;
    for (let day = Math.max(first, firstKept) + 1; day <= last; day++) linked.add(day);
  }
  return linked;
}

/** Whether a day does not depend on the day before, or too long a row begins anew on it. */
function isAnew(day: number, linked: ReadonlySet<number>): boolean {
  if (!linked.has(day)) return true;
  if (day % rowDays !== 0) return false;
  return Array.from({ length: rowDays }, (_, n) => day - n).every((one) => linked.has(one));
}

/** The first day that must be known to count a day. */
function rowOf(day: number, linked: ReadonlySet<number>): number {
  const least = (Math.floor(day / rowDays) - 1) * rowDays + 1;
  let first = day;
  while (first > least && linked.has(first)) first -= 1;
  return first;
}

/** The first in of a day, and since when it has a last out (ms), up to some passing. */
interface Begun {
  first: Passing | null;
  out: number | null;
}

function begunBy(passing: Passing, begun: Begun, windows: DayWindows): Begun {
  const { at, direction } = passing;
  const { first, out } = begun;
  const isFirst = direction === "in" ? first?.direction !== "in" : direction === null && first === null;
  if (isFirst && isWithin(at, windows.in)) return { first: passing, out: null };
  if (first === null || out !== null || !isWithin(at, windows.out)) return begun;
  const isOut = direction === "out" ? at > first.at : direction === null && at >= first.at + shortestMs;
  return isOut ? { first, out: at } : begun;
}

/** Whether a passing without a direction may be the last out of a day: devices often report one a second time. */
function isOpenAt(at: number, begun: Begun | undefined): boolean {
  if (begun === undefined || begun.first === null) return false;
  return begun.out === null || at < begun.out + shortestMs;
}

export function isWithin(at: number, [from, to]: readonly [number, number]): boolean {
  return at >= from && at < to;
}
