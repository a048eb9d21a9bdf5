import { minuteMs } from "../format/durations.ts";

export const periods = ["day", "week", "month"] as const;
export type Period = (typeof periods)[number];

const days: Record<Period, number> = { day: 1, week: 7, month: 30 };

/** The whole days of a period up to today, in this browser's zone; ms since 1970. */
export function stretchOf(period: Period, now: number): { from: number; to: number; by: "hour" | "day" } {
  const today = new Date(now);
  const start = (shift: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() + shift).getTime();
  return { from: start(1 - days[period]), to: start(1), by: period === "day" ? "hour" : "day" };
}

const halfHourMs = 30 * minuteMs;

/**
 * The range to ask for, so that it is all of the bars and nothing else. Counts are of half-hours of UTC, and belong to
 * the day in which they begin: if clocks are 15 or 45 minutes off, midnight is in the middle of a half-hour of the day
 * before.
 */
export function countedStretch({ from, to }: { from: number; to: number }): { from: number; to: number } {
  const up = (time: number) => Math.ceil(time / halfHourMs) * halfHourMs;
  return { from: up(from), to: up(to) };
}

/** Whether some minutes after midnight are counted with the day before. */
export const isMidnightCut = ({ from, to }: { from: number; to: number }): boolean =>
  from % halfHourMs !== 0 || to % halfHourMs !== 0;
