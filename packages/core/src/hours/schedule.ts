import { dayMs, minuteMs } from "@gatepost/protocol";
import type { Zone } from "../zones/zone.ts";
import type { GroupsOn } from "./groups.ts";

/** ms since 1970. The end is not included. */
export type Span = readonly [from: number, to: number];

/**
 * A break of a shift: at a time, by the clocks of the site; or of so many minutes, as far as a day is longer than `after`
 * minutes.
 */
export type Break = { from: string; to: string } | { minutes: number; after: number };

/** A day without a last out: it stays open after its window, or ends with the shift. */
export const openDayRules = ["stay", "end"] as const;

/** One version of a schedule. Times are texts as `22:00`, by the clocks of the site. */
export interface Schedule {
  /** `sch_…`, the same for all versions. */
  id: string;
  name: string;
  /** The groups of people whose schedule it is. */
  groups: readonly string[];
  start: string;
  /** At or before `start`, it is on the next day. */
  end: string;
  /** Minutes after the start from which on a person is late. */
  lateAfter: number;
  /** Minutes before the end up to which a person has left early. */
  earlyBefore: number;
  /** From 1 (Monday) to 7. */
  weekdays: readonly number[];
  /** When the first way in of a day may be. */
  inWindow: readonly [from: string, to: string];
  /** When the last way out of a day may be. */
  outWindow: readonly [from: string, to: string];
  breaks: readonly Break[];
  /** Absent: `stay`. */
  openDays?: (typeof openDayRules)[number];
  /** The hours of the night, which are summed apart; null or absent: none. */
  night?: { from: string; to: string } | null;
  /** The first day of this version, as `2026-11-23`. */
  validFrom: string;
}

/** Minutes from 0:00 of the day of a shift; over 1,440 on the day after, below 0 on the day before. */
interface Shift {
  start: number;
  end: number;
  in: readonly [from: number, to: number];
  out: readonly [from: number, to: number];
}

const dayMinutes = 24 * 60;

/** The most minutes from the beginning of the first window to the end of the last one: two days at most have a passing. */
const maxShiftMinutes = 36 * 60;

/**
 * The times of a shift. The first window begins at the start or before, the last window ends at the end or after, and
 * no window is longer than a day.
 */
function shiftOf({ start, end, inWindow, outWindow }: Schedule): Shift {
  const [startAt, endOfDay] = [minutesOf(start), minutesOf(end)];
  const endAt = endOfDay <= startAt ? endOfDay + dayMinutes : endOfDay;
  const [inFrom, inTo, outFrom, outTo] = [...inWindow, ...outWindow].map(minutesOf) as [number, number, number, number];
  const inAt = inFrom > startAt ? inFrom - dayMinutes : inFrom;
  const outEnd = endAt + ((((outTo - endAt) % dayMinutes) + dayMinutes) % dayMinutes);
  return {
    start: startAt,
    end: endAt,
    in: [inAt, inAt + (inTo > inFrom ? inTo - inFrom : inTo - inFrom + dayMinutes)],
    out: [outEnd - (outTo > outFrom ? outTo - outFrom : outTo - outFrom + dayMinutes), outEnd],
  };
}

/** Why a schedule cannot be counted, in words; null if it can. */
export function shiftFault(schedule: Schedule): string | null {
  const shift = shiftOf(schedule);
  if (shift.start >= shift.in[1]) return "inWindow: must contain the start";
  if (shift.end < shift.out[0]) return "outWindow: must contain the end";
  if (shift.out[1] - shift.in[0] > maxShiftMinutes) return "outWindow: must end within 36 hours of the first window";
  const fixed = fixedBreaks(schedule, shift).toSorted(([a], [b]) => a - b);
  if (fixed.some(([, to]) => to > shift.end)) return "breaks: must be from the start to the end";
  if (schedule.night && schedule.night.from === schedule.night.to) return "night: from and to must differ";
  if (fixed.some(([from], n) => from < (fixed[n - 1]?.[1] ?? from))) return "breaks: must not overlap";
  return null;
}

/** The breaks of a schedule that have a time, in minutes as the shift: each begins at the start or later. */
function fixedBreaks({ breaks }: Schedule, { start }: Shift): (readonly [from: number, to: number])[] {
  return breaks.flatMap((one) => {
    if (!("from" in one)) return [];
    const [from, to] = [minutesOf(one.from), minutesOf(one.to)];
    const begin = from < start ? from + dayMinutes : from;
    return [[begin, begin + (to > from ? to - from : to - from + dayMinutes)] as const];
  });
}

function minutesOf(text: string): number {
  const [hours = "", minutes = ""] = text.split(":");
  return Number(hours) * 60 + Number(minutes);
}

/** The windows of a person on one day, ms since 1970. Ends are not included. `shift` is null without a schedule. */
export interface DayWindows {
  in: readonly [from: number, to: number];
  out: readonly [from: number, to: number];
  shift: { start: number; end: number } | null;
}

/** The windows of a local date (days since 1970) with a schedule, or without one (null): then both are the whole day. */
export function windowsOf(day: number, schedule: Schedule | null, zone: Zone): DayWindows {
  const whole = [zone.startOfDay(day), zone.startOfDay(day + 1)] as const;
  const isSkipped = whole[0] === whole[1];
  if (schedule === null || isSkipped) return { in: whole, out: whole, shift: null };
  const { start, end, in: first, out: last } = shiftOf(schedule);
  const at = (minutes: number) => instantAt(zone, day, minutes);
  return {
    in: [at(first[0]), at(first[1])],
    out: [at(last[0]), at(last[1])],
    shift: { start: at(start), end: at(end) },
  };
}

/** The breaks of a schedule that have a time, on a local date, ms since 1970. Each has its length, also if clocks change. */
export function breaksOn(day: number, schedule: Schedule, zone: Zone): Span[] {
  return fixedBreaks(schedule, shiftOf(schedule)).map(([from, to]) => {
    const begin = instantAt(zone, day, from);
    return [begin, begin + (to - from) * minuteMs] as const;
  });
}

/** The nights of a schedule in which a person may work on a local date, ms since 1970. */
export function nightsOn(day: number, schedule: Schedule | null, zone: Zone): Span[] {
  const { night } = schedule ?? {};
  if (!night) return [];
  const [from, to] = [minutesOf(night.from), minutesOf(night.to)];
  const end = to > from ? to : to + dayMinutes;
  return [-3, -2, -1, 0, 1, 2].map((n) => [instantAt(zone, day + n, from), instantAt(zone, day + n, end)] as const);
}

/** The instant at which clocks show a time: the first one if they show it twice. If they skip it, as if they did not. */
function instantAt(zone: Zone, day: number, minutes: number): number {
  const local = day * dayMs + minutes * minuteMs;
  const before = local - zone.offsetAt(local - dayMs);
  const after = local - zone.offsetAt(local + dayMs);
  return zone.localOf(before) !== local && zone.localOf(after) === local ? after : before;
}

/** A local date, in days since 1970, as `2026-11-23`. */
export function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** The days since 1970 of a date as `2026-11-23`. */
export function dayNumber(text: string): number {
  return Date.parse(text) / dayMs;
}

/** The last day of a month that is given as `2026-10`. */
export function lastDayOf(month: string): string {
  const inNext = dayText(dayNumber(`${month}-01`) + 31);
  return dayText(dayNumber(`${inNext.slice(0, 7)}-01`) - 1);
}

/** From 1 (Monday) to 7. The first of January 1970 was a Thursday. */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

/** The version of a schedule that is valid on a day as `2026-11-18`; null if none is. */
export function versionOn(day: string, id: string, versions: readonly Schedule[]): Schedule | null {
  const valid = versions.filter((one) => one.id === id && one.validFrom <= day);
  return valid.reduce<Schedule | null>((held, one) => (held && held.validFrom > one.validFrom ? held : one), null);
}

/** The schedule of a person on a day. */
interface DaySchedule {
  schedule: Schedule | null;
  /** The groups of the person have several. */
  isOneOfSeveral: boolean;
  /** `counts`: it is of the roster; `removed`: the roster names one that is not there, so the group's counts. */
  roster?: "counts" | "removed";
}

/** Finds the schedule of a person on a day. */
export type ScheduleOn = (day: number) => DaySchedule;

/** The id of the schedule that a roster has on a day as `2026-11-18`; null on a free day, undefined for none. */
export type RosterOn = (day: string) => string | null | undefined;

/**
 * The schedule of a person on a day. The roster comes first. Without it, a version is valid from its first day to the next
 * version; if groups have several schedules, the one with the weekday counts. If several or none have it, the first by
 * name does.
 *
 * @param versions of all schedules of a site, in any order
 * @param rosterOn null if the person is on no roster
 */
export function scheduleFor(
  groupsOn: GroupsOn,
  versions: readonly Schedule[],
  rosterOn: RosterOn | null = null,
): ScheduleOn {
  const byId = [...Map.groupBy(versions, ({ id }) => id).values()].map((ofOne) =>
    ofOne.toSorted((a, b) => (a.validFrom < b.validFrom ? 1 : -1)),
  );
  if (byId.length === 0 && rosterOn === null) return () => ({ schedule: null, isOneOfSeveral: false });
  return (day) => {
    const text = dayText(day);
    const valid = byId.flatMap((ofOne) => ofOne.find(({ validFrom }) => validFrom <= text) ?? []);
    const planned = rosterOn?.(text);
    const ofRoster = planned === null ? null : valid.find(({ id }) => id === planned);
    if (ofRoster !== undefined) return { schedule: ofRoster, isOneOfSeveral: false, roster: "counts" };
    const groups = groupsOn(day);
    const named = valid
      .filter((one) => one.groups.some((group) => groups.includes(group)))
      .toSorted((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1));
    const [first = named[0] ?? null, ...others] = named.filter(({ weekdays }) => weekdays.includes(weekdayOf(day)));
    const isRemoved = planned !== undefined;
    return { schedule: first, isOneOfSeveral: others.length > 0, ...(isRemoved && { roster: "removed" as const }) };
  };
}

/**
 * Days before and after a day of which passings and groups have a part in how it is counted: passings of these days can
 * be in its windows, and in the windows of days as far away again.
 */
export function reachOf(versions: readonly Schedule[]): number {
  const shifts = versions.map(shiftOf);
  const before = shifts.some(({ in: [begin] }) => begin < 0) ? 1 : 0;
  const after = shifts.map(({ out: [, end] }) => Math.ceil(end / dayMinutes) - 1);
  return before + Math.max(0, ...after);
}
