import { minuteMs } from "./durations.ts";

/** A stretch of time, ms since 1970; `to` is not part of it. */
export interface Stretch {
  from: number;
  to: number;
}

/** The time shown around a typed time that has no end. */
const around = 5 * minuteMs;

const dayWords = new Map(Object.entries({ today: 0, 今天: 0, yesterday: -1, 昨天: -1, 昨日: -1, 前天: -2 }));
const form =
  /^(?:(?<day>[^\d\s:]+|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}-\d{1,2}|\d{1,2}月\d{1,2}日)\s*)?(?:(?<from>\d{1,2}[:：]\d{2})(?:\s*(?:[-–—~～]|to|到|至)\s*(?<to>\d{1,2}[:：]\d{2}))?)?$/u;

/**
 * Reads a time as people type it, in this browser's zone; null if the text is not a time.
 *
 * @example
 * timeJump("yesterday 6:30–6:45", Date.now())
 */
export function timeJump(text: string, now: number): Stretch | null {
  const typed = form.exec(text.trim().toLowerCase().slice(0, 64))?.groups;
  if (typed === undefined) return null;
  const { day, from, to } = typed;
  const start = day === undefined ? startOfDay(now, 0) : dayOf(day, now);
  if (start === null || (day === undefined && from === undefined)) return null;
  if (from === undefined) return { from: start, to: nextDay(start) };
  return between({ start, isToday: day === undefined, from, to }, now);
}

function between(
  { start, isToday, from, to }: { start: number; isToday: boolean; from: string; to: string | undefined },
  now: number,
): Stretch | null {
  const begin = clock(start, from);
  if (begin === null) return null;
  // A time of today that is still to come was meant of yesterday.
  const first = isToday && begin > now ? (clock(startOfDay(start, -1), from) ?? begin) : begin;
  if (to === undefined) return { from: first - around, to: first + around };
  const end = clock(startOfDay(first, 0), to);
  if (end === null) return null;
  return { from: first, to: end > first ? end : (clock(nextDay(startOfDay(first, 0)), to) ?? end) };
}

function dayOf(typed: string, now: number): number | null {
  const shift = dayWords.get(typed);
  if (shift !== undefined) return startOfDay(now, shift);
  const parts = typed.match(/\d+/g)?.map(Number) ?? [];
  const [year, month = 0, date = 0] = parts.length === 2 ? [new Date(now).getFullYear(), ...parts] : parts;
  if (year === undefined || parts.length < 2) return null;
  const day = new Date(year, month - 1, date);
  return day.getMonth() === month - 1 && day.getDate() === date ? day.getTime() : null;
}

function startOfDay(time: number, shift: number): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + shift).getTime();
}

const nextDay = (start: number) => startOfDay(start, 1);

function clock(start: number, typed: string): number | null {
  const [hours = 0, minutes = 0] = typed.split(/[:：]/).map(Number);
  if (hours > 23 || minutes > 59) return null;
  const day = new Date(start);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), hours, minutes).getTime();
}
