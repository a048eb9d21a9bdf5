import type { Stats } from "@gatepost/client";
import { minuteMs } from "../format/durations.ts";
import type { Kind } from "../format/event.ts";
import { shortDay } from "../format/time.ts";

type Counts = Partial<Record<Kind, number>>;

export interface BarFacts {
  /** ms since 1970. */
  start: number;
  end: number;
  label: string;
  counts: Counts;
  total: number;
  /** The counts of the past beside it; empty if nothing is compared. */
  before: Counts;
  totalBefore: number;
}

/** One bar for each hour or day of the range, as clocks show them here, also without passings. */
export function barsOf({ by, buckets }: Pick<Stats, "by" | "buckets">, from: number, to: number): BarFacts[] {
  const bars: BarFacts[] = [];
  for (let start = from; start < to; start = next(start, by)) {
    const label = by === "day" ? shortDay(start) : String(new Date(start).getHours()).padStart(2, "0");
    bars.push({ start, end: next(start, by), label, counts: {}, total: 0, before: {}, totalBefore: 0 });
  }
  for (const { start, type, count, before = 0 } of buckets) {
    const at = Date.parse(start);
    const bar = bars.find(({ start, end }) => at >= start && at < end);
    if (bar === undefined) continue;
    bar.counts[type] = (bar.counts[type] ?? 0) + count;
    bar.total += count;
    bar.before[type] = (bar.before[type] ?? 0) + before;
    bar.totalBefore += before;
  }
  return bars;
}

/** Bars without passings in the time to come, and how many these are: the clock of a box is ahead. */
export function untilNow(bars: readonly BarFacts[], now: number): { bars: BarFacts[]; future: number } {
  const isToCome = ({ start }: BarFacts) => start > now;
  const future = bars.filter(isToCome).reduce((sum, { total }) => sum + total, 0);
  return { bars: bars.map((bar) => (isToCome(bar) ? { ...bar, counts: {}, total: 0 } : bar)), future };
}

/** The last bar with passings; the first bar if there are none. */
export function lastPassed(bars: readonly Pick<BarFacts, "total">[]): number {
  return Math.max(
    0,
    bars.findLastIndex(({ total }) => total > 0),
  );
}

/** If clocks change by half an hour, as on Lord Howe, hours begin at another minute from then on. */
function next(start: number, by: Stats["by"]): number {
  const at = new Date(start);
  if (by !== "day") return start + (60 - at.getMinutes()) * minuteMs;
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1).getTime();
}

/** Whether no one passed, nor before. */
export const isNothing = (bars: readonly BarFacts[]) =>
  bars.every(({ total, totalBefore }) => total === 0 && totalBefore === 0);
