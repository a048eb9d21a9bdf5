import type { Stats } from "@gatepost/client";
import { minuteMs } from "../format/durations.ts";
import type { Kind } from "../format/event.ts";
import { shortDay } from "../format/time.ts";

export interface BarFacts {
  /** ms since 1970. */
  start: number;
  label: string;
  counts: Partial<Record<Kind, number>>;
  total: number;
}

/** One bar for each hour or day of the range, as clocks show them here, also without passings. */
export function barsOf({ by, buckets }: Pick<Stats, "by" | "buckets">, from: number, to: number): BarFacts[] {
  const bars: BarFacts[] = [];
  for (let start = from; start < to; start = next(start, by)) {
    const end = next(start, by);
    const counts: Partial<Record<Kind, number>> = {};
    let total = 0;
    for (const bucket of buckets) {
      const at = Date.parse(bucket.start);
      if (at < start || at >= end) continue;
      counts[bucket.type] = (counts[bucket.type] ?? 0) + bucket.count;
      total += bucket.count;
    }
    const label = by === "day" ? shortDay(start) : String(new Date(start).getHours()).padStart(2, "0");
    bars.push({ start, label, counts, total });
  }
  return bars;
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
