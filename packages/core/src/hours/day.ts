import { minuteMs } from "@gatepost/protocol";
import type { Passing } from "../people/passing.ts";
import type { Zone } from "../zones/zone.ts";
import { dayBy, daysAround, isWithin, passingsByDay, shortestMs } from "./passings-by-day.ts";
import {
  breaksOn,
  type DayWindows,
  dayText,
  nightsOn,
  type Schedule,
  type ScheduleOn,
  type Span,
  weekdayOf,
  windowsOf,
} from "./schedule.ts";
import { type Apart, lengthOf, timesAway, wholeMinutes, without, workedIn } from "./worked.ts";

/** The states of a day of a person. */
export const dayStates = ["worked", "absent", "leave", "open", "inside", "rest", "none"] as const;
export type DayState = (typeof dayStates)[number];

/** The value of a day by a person, beside the counted one. `in` and `out` are null if the counted one stays. */
export interface Correction {
  kind: "times" | "leave";
  /** ms since 1970. */
  in: number | null;
  out: number | null;
  /** The part of the day that is leave; null or absent: all of it. */
  leave?: Span | null;
}

/** A passing of a day, and its part in the count. */
export interface UsedPassing extends Pick<Passing, "event" | "box" | "device" | "at" | "direction"> {
  use: "first-in" | "last-out" | null;
  /** Whether it was taken for its direction, or for its place; null if it has no part. */
  by: "direction" | "order" | null;
}

/** A day of a person, as it is counted. Times are ms since 1970. */
export interface HoursDay {
  /** As `2026-11-16`. */
  day: string;
  in: number | null;
  out: number | null;
  inEvent: string | null;
  outEvent: string | null;
  /** Whole minutes from the first in to the last out, without break and leave; null without both. */
  minutes: number | null;
  /** Minutes between them that are a break, so no part of `minutes`; 0 without a schedule that has breaks. */
  break: number;
  /** The ones of `minutes` that are at night; 0 without a schedule that has a night. */
  nightMinutes: number;
  /** The part of the day that is leave; null for none, and for a day that is leave as a whole. */
  leaveFrom: number | null;
  leaveTo: number | null;
  /** Minutes after the start, and before the end; 0 within the grace. */
  late: number;
  early: number;
  state: DayState;
  isCorrected: boolean;
  flags: string[];
  /** The id of its schedule; null for none. */
  schedule: string | null;
  passings: UsedPassing[];
}

/** A day of which nothing is known. */
export function emptyDay(day: string): HoursDay {
  return {
    day,
    in: null,
    out: null,
    inEvent: null,
    outEvent: null,
    minutes: null,
    break: 0,
    nightMinutes: 0,
    leaveFrom: null,
    leaveTo: null,
    late: 0,
    early: 0,
    state: "none",
    isCorrected: false,
    flags: [],
    schedule: null,
    passings: [],
  };
}

/** The facts by which the days of a person are counted, as they are now. */
export interface HoursOfPerson {
  scheduleOn: ScheduleOn;
  zone: Zone;
  /** Dates without work. */
  holidays: ReadonlySet<string>;
  /** The days of work of the site, from 1 (Monday) to 7: for people without a schedule. */
  workWeek: readonly number[];
  /** The newest correction of each day, by the day. */
  corrections: ReadonlyMap<string, Correction>;
  /** The last day of work, days since 1970; null if none is set. */
  lastDay: number | null;
  /** The first day whose passings are all kept, days since 1970. */
  firstKept: number;
  /** ms since 1970. */
  now: number;
}

/** Days of a person, as they are counted. */
export interface CountedDays {
  days: HoursDay[];
  /** The first day (days since 1970) on which they depend. */
  since: number;
}

/**
 * Counts the days of a person. Order and repetition of the passings have no effect.
 *
 * @param passings of the person from `since` on, and on as many days before and after as schedules reach (`reachOf`). If
 *   `since` is earlier than they reach, the days must be counted again, with more passings.
 * @param range the first and the last day, days since 1970, both included
 */
export function countDays(
  passings: Iterable<Passing>,
  { from, to }: { from: number; to: number },
  { lastDay, ...asked }: HoursOfPerson,
): CountedDays {
  const scheduleOn: ScheduleOn = (day) =>
    lastDay !== null && day > lastDay ? { schedule: null, isOneOfSeveral: false } : asked.scheduleOn(day);
  const facts = { ...asked, scheduleOn };
  const windows = new Map<number, DayWindows>();
  const windowsOn = (day: number): DayWindows => {
    const ofDay = windows.get(day) ?? windowsOf(day, scheduleOn(day).schedule, facts.zone);
    // The way out of a last night shift is of that shift.
    const found = lastDay !== null && day > lastDay ? windowsFrom(windowsOn(lastDay).out[1], ofDay) : ofDay;
    windows.set(day, found);
    return found;
  };
  const { ofDay, rowOf } = passingsByDay(passings, { windowsOn, ...facts });
  const days = Array.from({ length: Math.max(0, to - from + 1) }, (_, n) =>
    countDay(from + n, ofDay.get(from + n) ?? [], windowsOn(from + n), facts),
  );
  return { days, since: rowOf(from) };
}

/** The windows of a day without a schedule, from a moment on. */
function windowsFrom(at: number, { in: [begin, end], shift }: DayWindows): DayWindows {
  const window = [Math.min(Math.max(begin, at), end), end] as const;
  return { in: window, out: window, shift };
}

/** The end of the windows of the night shift in which a person went in, ms; null if it is in none. */
export function nightShiftEnd(
  at: number,
  { scheduleOn, zone }: Pick<HoursOfPerson, "scheduleOn" | "zone">,
): number | null {
  const windowsOn = (day: number) => windowsOf(day, scheduleOn(day).schedule, zone);
  const day = dayBy("in", at, daysAround(at, windowsOn, zone), windowsOn);
  if (day === undefined) return null;
  const { schedule } = scheduleOn(day);
  return schedule !== null && schedule.end <= schedule.start ? windowsOn(day).out[1] : null;
}

function countDay(
  day: number,
  passings: readonly Passing[],
  windows: DayWindows,
  facts: Omit<HoursOfPerson, "lastDay">,
): HoursDay {
  const { corrections, now } = facts;
  const ofSchedule = facts.scheduleOn(day);
  const { schedule } = ofSchedule;
  const text = dayText(day);
  const isWork = isWorkOn(day, windows, facts);
  const correction = corrections.get(text) ?? null;
  const leave = correction?.leave ?? null;
  const isLeave = correction?.kind === "leave" && leave === null;
  const isOver = now >= windows.out[1];
  const apart = apartOf(day, schedule, { passings, leave, zone: facts.zone });
  const beside = besideLeave(leave, windows, apart.fixed);
  const { shift: left } = beside;
  const isNothingLeft = left !== null && left.start >= left.end;
  const shift = isLeave || !isWork || isNothingLeft ? null : left;
  const first = firstIn(passings, beside);
  const last = lastOut(passings, beside, first);
  const counted = timesOf(first, last, correction);
  const ending = schedule?.openDays === "end" && isOver ? endByRule(counted, shift, passings) : null;
  const times = ending === null ? counted : { ...counted, out: ending };
  return {
    day: text,
    ...times,
    ...workedOf(times, apart, () => nightsOn(day, schedule, facts.zone)),
    leaveFrom: leave?.[0] ?? null,
    leaveTo: leave?.[1] ?? null,
    ...delaysOf(times, shift, { schedule, leave }),
    state: isLeave ? "leave" : stateOf({ ...times, isOver, isWork, schedule, passings, isNothingLeft }),
    isCorrected: correction !== null,
    flags: flagsOf([first, last], { ...ofSchedule, isEnded: ending !== null }),
    schedule: schedule?.id ?? null,
    passings: passings.map((passing) => used(passing, first, last)),
  };
}

function flagsOf(
  ends: readonly (Passing | null)[],
  { isOneOfSeveral, roster, isEnded }: ReturnType<ScheduleOn> & { isEnded: boolean },
): string[] {
  return [
    ...(ends.some((one) => one?.isClockWrong === true) ? ["clock"] : []),
    ...(isOneOfSeveral ? ["several-schedules"] : []),
    ...(isEnded ? ["ended-by-rule"] : []),
    ...(roster === undefined ? [] : [roster === "counts" ? "roster" : "roster-removed"]),
  ];
}

function isWorkOn(
  day: number,
  windows: DayWindows,
  { scheduleOn, holidays, workWeek }: Pick<HoursOfPerson, "scheduleOn" | "holidays" | "workWeek">,
): boolean {
  const { schedule, roster } = scheduleOn(day);
  const isSkipped = windows.in[0] === windows.out[1];
  if (isSkipped || roster === "counts") return !isSkipped && schedule !== null;
  return (schedule?.weekdays ?? workWeek).includes(weekdayOf(day)) && !holidays.has(dayText(day));
}

/** The times of a day that are no part of its minutes. */
function apartOf(
  day: number,
  schedule: Schedule | null,
  { passings, leave, zone }: { passings: readonly Passing[]; leave: Span | null; zone: Zone },
): Omit<Apart, "nights"> {
  const { breaks = [] } = schedule ?? {};
  const hasBreaks = schedule !== null && breaks.length > 0;
  return {
    fixed: hasBreaks ? breaksOn(day, schedule, zone) : [],
    breaks,
    away: hasBreaks ? timesAway(passings) : [],
    leave,
  };
}

/** The minutes of a day; null without a first in or a last out. */
function workedOf(
  { in: inAt, out: outAt }: Times,
  apart: Omit<Apart, "nights">,
  nights: () => readonly Span[],
): Pick<HoursDay, "minutes" | "break" | "nightMinutes"> {
  return inAt === null || outAt === null
    ? { minutes: null, break: 0, nightMinutes: 0 }
    : workedIn([inAt, outAt], { ...apart, nights: nights() });
}

/**
 * The windows and the shift beside a part of the day that is leave: the shift begins after a leave at its start, and ends
 * before one at its end, with the windows for first in and last out. A break between them belongs to the leave.
 */
function besideLeave(leave: Span | null, windows: DayWindows, breaks: readonly Span[]): DayWindows {
  const { in: first, out: last, shift } = windows;
  if (leave === null || shift === null) return windows;
  const [from, to] = leave;
  const isAtStart = from <= shift.start && to > shift.start;
  const isAtEnd = to >= shift.end && from < shift.end;
  const start = isAtStart ? (breaks.find(([begin, end]) => begin <= to && to < end)?.[1] ?? to) : shift.start;
  const end = isAtEnd ? (breaks.find(([begin, until]) => begin < from && from <= until)?.[0] ?? from) : shift.end;
  return {
    in: [first[0], Math.min(last[1], first[1] + start - shift.start)],
    out: [Math.max(first[0], last[0] + end - shift.end), last[1]],
    shift: { start, end },
  };
}

type Times = Pick<HoursDay, "in" | "out" | "inEvent" | "outEvent">;

/** The counted times, or the times of a correction. A last out that a corrected first in has overtaken is none. */
function timesOf(first: Passing | null, last: Passing | null, correction: Correction | null): Times {
  const [setIn, setOut] = [correction?.in ?? null, correction?.out ?? null];
  const inAt = setIn ?? first?.at ?? null;
  const latest = setOut ?? last?.at ?? null;
  const outAt = latest !== null && inAt !== null && latest <= inAt ? null : latest;
  return {
    in: inAt,
    out: outAt,
    inEvent: setIn === null ? (first?.event ?? null) : null,
    outEvent: setOut === null && outAt !== null ? (last?.event ?? null) : null,
  };
}

/** The end of the shift as the last out of a day that has none; null if the person left, or was first in after it. */
function endByRule({ in: inAt, out }: Times, shift: DayWindows["shift"], passings: readonly Passing[]): number | null {
  if (inAt === null || out !== null || shift === null || inAt >= shift.end) return null;
  return passings.findLast(({ direction }) => direction !== null)?.direction === "out" ? null : shift.end;
}

/**
 * Delays without the leave that is in them.
 *
 * @param shift null on a day on which no one is late
 */
function delaysOf(
  { in: inAt, out: outAt }: Times,
  shift: DayWindows["shift"],
  { schedule, leave }: { schedule: Schedule | null; leave: Span | null },
): Pick<HoursDay, "late" | "early"> {
  const { lateAfter = 0, earlyBefore = 0 } = schedule ?? {};
  const apart = leave === null ? [] : [leave];
  return {
    late: shift === null || inAt === null ? 0 : beyond(lengthOf(without([[shift.start, inAt]], apart)), lateAfter),
    early: shift === null || outAt === null ? 0 : beyond(lengthOf(without([[outAt, shift.end]], apart)), earlyBefore),
  };
}

/** The first passing in the first window whose direction is in; if there is none, the first one without a direction. */
function firstIn(passings: readonly Passing[], { in: window }: DayWindows): Passing | null {
  const within = passings.filter(({ at }) => isWithin(at, window));
  return (
    within.find(({ direction }) => direction === "in") ?? within.find(({ direction }) => direction === null) ?? null
  );
}

/**
 * The last passing in the last window, after the first in, whose direction is out; if there is none, the last one
 * without a direction that is at least 5 minutes after the first in.
 */
function lastOut(passings: readonly Passing[], { out: window }: DayWindows, first: Passing | null): Passing | null {
  const within = passings.filter(({ at }) => isWithin(at, window) && (first === null || at > first.at));
  const leaving = within.findLast(({ direction }) => direction === "out");
  if (leaving !== undefined || first === null) return leaving ?? null;
  return within.findLast(({ direction, at }) => direction === null && at >= first.at + shortestMs) ?? null;
}

interface Counted extends Pick<Times, "in" | "out"> {
  isOver: boolean;
  isWork: boolean;
  schedule: Schedule | null;
  passings: readonly Passing[];
  /** All of the shift is leave. */
  isNothingLeft: boolean;
}

function stateOf({ in: inAt, out: outAt, isOver, isWork, schedule, passings, isNothingLeft }: Counted): DayState {
  if (isWork && isNothingLeft) return "leave";
  if (inAt !== null && outAt !== null) return "worked";
  if (inAt !== null) return isOver ? "open" : "inside";
  if (passings.length > 0 || outAt !== null) return "none";
  if (!isWork) return "rest";
  return schedule !== null && isOver ? "absent" : "none";
}

function used(passing: Passing, first: Passing | null, last: Passing | null): UsedPassing {
  const use = passing === first ? "first-in" : passing === last ? "last-out" : null;
  return { ...passing, use, by: use === null ? null : passing.direction === null ? "order" : "direction" };
}

/** Whole minutes of a delay that is longer than the grace (minutes), else 0. */
function beyond(ms: number, grace: number): number {
  return ms > grace * minuteMs ? wholeMinutes(ms) : 0;
}
