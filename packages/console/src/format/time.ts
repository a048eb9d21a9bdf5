import { words } from "../words/index.ts";
import { dayMs } from "./durations.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(time: Date | number | string, options: Intl.DateTimeFormatOptions): string {
  const { locale } = words.value;
  const name = `${locale}${JSON.stringify(options)}`;
  let made = formats.get(name);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(locale, { hourCycle: "h23", ...options });
    formats.set(name, made);
  }
  return made.format(new Date(time));
}

const hms = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
const isChinese = () => words.value.code === "zh-CN";

/** `08:41:12` */
export const clockTime = (time: number | string) => format(time, hms);

/** `08:41` */
export const shortTime = (time: number | string) => format(time, { hour: "2-digit", minute: "2-digit" });

/** `08:41:12.240` */
export const exactTime = (time: number | string) => format(time, { ...hms, fractionalSecondDigits: 3 });

/** `Fri 20 Nov 2026`, or `2026-11-20 周五` */
export function day(time: number | string): string {
  if (isChinese()) return `${isoDay(time)} ${format(time, { weekday: "short" })}`;
  const [weekday, date] = [
    format(time, { weekday: "short" }),
    format(time, { day: "numeric", month: "short", year: "numeric" }),
  ];
  return `${weekday} ${date}`;
}

/** `Fri 20 Nov`, or `11-20 周五` */
export const weekday = (time: number | string) => inOrder(format(time, { weekday: "short" }), shortDay(time));

const inOrder = (weekday: string, date: string) => (isChinese() ? `${date} ${weekday}` : `${weekday} ${date}`);

/** `Friday 20 November`, or `11月20日 星期五`; of another year than this one with the year */
export function longDay(time: number | string): string {
  const isThisYear = isoDay(time).slice(0, 4) === isoDay(Date.now()).slice(0, 4);
  const year = isThisYear ? {} : ({ year: "numeric" } as const);
  const [weekday, date] = [format(time, { weekday: "long" }), format(time, { day: "numeric", month: "long", ...year })];
  return isChinese() ? `${date} ${weekday}` : `${weekday} ${date}`;
}

/** `November 2026`, or `2026年11月` */
export const monthOf = (time: number | string) => format(time, { month: "long", year: "numeric" });

/** `20 Nov`, or `11-20` */
export const shortDay = (time: number | string) =>
  isChinese() ? isoDay(time).slice(5) : format(time, { day: "numeric", month: "short" });

/** `2026-11-20`, of this browser's zone */
export function isoDay(time: number | string): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const isToday = (time: number | string, now: number) => isoDay(time) === isoDay(now);

/** The time of today; the weekday and time within six days; else the day and time. */
export function near(time: number | string, now: number): string {
  const at = new Date(time).getTime();
  if (isToday(at, now)) return clockTime(at);
  if (now - at > 0 && now - at < 6 * dayMs) return `${format(at, { weekday: "short" })} ${shortTime(at)}`;
  return `${shortDay(at)} ${shortTime(at)}`;
}

/** `2 s ago` */
export function ago(time: number | string, now: number): string {
  const { time: w } = words.value;
  const seconds = Math.max(0, Math.round((now - new Date(time).getTime()) / 1000));
  if (seconds < 1) return w.now;
  if (seconds < 60) return w.secondsAgo(seconds);
  if (seconds < 3600) return w.minutesAgo(Math.floor(seconds / 60));
  if (seconds < 86_400) return w.hoursAgo(Math.floor(seconds / 3600));
  return w.daysAgo(Math.floor(seconds / 86_400));
}

/** `3 h 12 min` */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const [days = 0, hours = 0, minutes = 0, rest = 0] = parts;
  return words.value.time.duration(days, hours, minutes, rest);
}

/** A time that runs, in minutes and seconds: 0:15. */
export function minutesAndSeconds(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
