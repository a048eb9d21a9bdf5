import { minuteMs } from "../format/durations.ts";
import { isoDay } from "../format/time.ts";
import type { Period } from "../state/days.ts";

/** Whole days in this browser's zone, ms since 1970; `to` is not included. */
export interface Stretch {
  from: number;
  to: number;
}

/** The first year of which the server answers. */
const firstYear = 2000;

const start = (year: number, month: number, day: number) => new Date(year, month, day).getTime();

/** The day or the Monday or the first of the month that is `steps` periods away, ms since 1970. */
function begin(period: Period, at: number, steps: number): number {
  const date = new Date(at);
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  if (period === "month") return start(year, month + steps, 1);
  if (period === "day") return start(year, month, day + steps);
  return start(year, month, day - ((date.getDay() + 6) % 7) + 7 * steps);
}

/** The day, the week from Monday or the month that a time is in. */
export function stretchOf(period: Period, at: number): Stretch & { by: "hour" | "day" } {
  const [from, to] = [begin(period, at, 0), begin(period, at, 1)];
  return { from, to, by: period === "day" ? "hour" : "day" };
}

/** The stretch that another is compared with: the week before of a day or week, the month before of a month. */
export function pastOf(period: Period, { from, to }: Stretch): Stretch {
  if (period === "month") return { from: begin("month", from, -1), to: from };
  const weekBefore = (time: number) => {
    const date = new Date(time);
    return start(date.getFullYear(), date.getMonth(), date.getDate() - 7);
  };
  return { from: weekBefore(from), to: weekBefore(to) };
}

/** The day of an address as `2026-11-19`, ms since 1970; without one, for a day to come or for none: today. */
export function dayIn(text: string | null, now: number): number {
  const [, year = "", month = "", day = ""] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text ?? "") ?? [];
  const at = start(Number(year), Number(month) - 1, Number(day));
  const isDay = Number(year) >= firstYear && isoDay(at) === text;
  return isDay && at < now ? at : begin("day", now, 0);
}

/** The day by which an address names the period before or after; null beyond today, and before the first year. */
export function stepped(period: Period, at: number, by: 1 | -1, now: number): string | null {
  const next = begin(period, at, by);
  return next > now || new Date(next).getFullYear() < firstYear ? null : isoDay(next);
}

const halfHourMs = 30 * minuteMs;

/**
 * The range to ask for, so that it is all of the bars and nothing else. Counts are of half-hours of UTC, and belong to
 * the day in which they begin: if clocks are 15 or 45 minutes off, midnight is in the middle of a half-hour of the day
 * before.
 */
export function countedStretch({ from, to }: Stretch): Stretch {
  const up = (time: number) => Math.ceil(time / halfHourMs) * halfHourMs;
  return { from: up(from), to: up(to) };
}

/** Whether some minutes after midnight are counted with the day before. */
export const isMidnightCut = ({ from, to }: Stretch): boolean => from % halfHourMs !== 0 || to % halfHourMs !== 0;
