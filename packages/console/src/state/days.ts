import { dayMs } from "../format/durations.ts";
import { words } from "../words/index.ts";

/** Days are texts as `2026-11-16`, by the clocks of the site: no zone of a browser moves them. */

export const periods = ["day", "week", "month"] as const;
export type Period = (typeof periods)[number];

/** The first and the last day of a period. */
export interface Stretch {
  from: string;
  to: string;
}

/** The first year of which the server answers. */
const firstYear = "2000";

const timeOf = (day: string) => Date.parse(`${day}T00:00:00Z`);
const textOf = (time: number) => new Date(time).toISOString().slice(0, 10);

/** Whether a text is a day of the calendar of which the server answers. */
export const isDay = (text: string): boolean =>
  /^[2]\d{3}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(timeOf(text)) && textOf(timeOf(text)) === text;

/** The day some days after another, or before it. */
export const shifted = (day: string, days: number): string => textOf(timeOf(day) + days * dayMs);

/** From 1 (Monday) to 7. */
export const weekdayOf = (day: string): number => ((new Date(timeOf(day)).getUTCDay() + 6) % 7) + 1;

/** The day, the week from Monday or the month of a day. */
export function stretchOf(period: Period, day: string): Stretch {
  if (period === "day") return { from: day, to: day };
  if (period === "week") {
    const from = shifted(day, 1 - weekdayOf(day));
    return { from, to: shifted(from, 6) };
  }
  const from = `${day.slice(0, 7)}-01`;
  return { from, to: shifted(`${shifted(from, 31).slice(0, 7)}-01`, -1) };
}

/** The first day of the period before or after; null beyond today, and before the first year. */
export function stepped(period: Period, day: string, by: 1 | -1, today: string): string | null {
  const { from, to } = stretchOf(period, day);
  const next = stretchOf(period, by === 1 ? shifted(to, 1) : shifted(from, -1)).from;
  return next > today || next < firstYear ? null : next;
}

/** The day of an address; today without one, for a day to come and for none. */
export const dayOf = (text: string | null, today: string): string =>
  text !== null && isDay(text) && text <= today ? text : today;

export function daysOf({ from, to }: Stretch): string[] {
  const days = [from];
  while ((days.at(-1) ?? to) < to) days.push(shifted(days.at(-1) ?? to, 1));
  return days;
}

/** The number of the week by ISO 8601: the first one has the first Thursday of the year. */
export function weekNumber(day: string): number {
  const thursday = shifted(day, 4 - weekdayOf(day));
  const first = timeOf(`${thursday.slice(0, 4)}-01-01`);
  return Math.floor((timeOf(thursday) - first) / dayMs / 7) + 1;
}

function format(day: string, options: Intl.DateTimeFormatOptions): string {
  return new Date(timeOf(day)).toLocaleDateString(words.value.locale, { timeZone: "UTC", ...options });
}

const isChinese = () => words.value.code === "zh-CN";

/** `Mon`, or `一` */
export const shortWeekday = (day: string) => format(day, { weekday: isChinese() ? "narrow" : "short" });

/** `Mon`, or `周一` */
export const weekdayName = (day: string) => format(day, { weekday: "short" });

/** `Mon 16`, or `周一 16` */
export const shortDay = (day: string) => `${weekdayName(day)} ${Number(day.slice(8))}`;

/** `Wed 18 Nov 2026`, or `2026-11-18 周三` */
export function dayInWords(day: string): string {
  if (isChinese()) return `${day} ${weekdayName(day)}`;
  return `${weekdayName(day)} ${format(day, { day: "numeric", month: "short", year: "numeric" })}`;
}

/** `Wednesday 18 November`, or `11月18日 周三` */
export function longDay(day: string): string {
  const date = format(day, { day: "numeric", month: "long" });
  return isChinese() ? `${date} ${weekdayName(day)}` : `${format(day, { weekday: "long" })} ${date}`;
}

/** `November 2026`, or `2026年11月` */
export const monthInWords = (day: string) => format(day, { month: "long", year: "numeric" });

/** `16–22 Nov 2026`, or `2026-11-16 至 22` */
export function stretchInWords({ from, to }: Stretch): string {
  if (isChinese()) {
    const same = from.slice(0, 7) === to.slice(0, 7) ? 8 : from.slice(0, 4) === to.slice(0, 4) ? 5 : 0;
    return `${from} 至 ${to.slice(same)}`;
  }
  const year = { day: "numeric", month: "short", year: "numeric" } as const;
  if (from.slice(0, 7) === to.slice(0, 7)) return `${Number(from.slice(8))}–${format(to, year)}`;
  return `${format(from, { day: "numeric", month: "short" })} – ${format(to, year)}`;
}
