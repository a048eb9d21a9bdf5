export const periods = ["day", "week", "month"] as const;
export type Period = (typeof periods)[number];

const days: Record<Period, number> = { day: 1, week: 7, month: 30 };

/** The whole days of a period up to today, in this browser's zone; ms since 1970. */
export function stretchOf(period: Period, now: number): { from: number; to: number; by: "hour" | "day" } {
  const today = new Date(now);
  const start = (shift: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() + shift).getTime();
  return { from: start(1 - days[period]), to: start(1), by: period === "day" ? "hour" : "day" };
}
