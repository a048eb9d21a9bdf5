import { shortDay, shortTime, weekday } from "../format/time.ts";
import { statisticsWords } from "../words/statistics.ts";
import type { BarFacts } from "./bars-of.ts";
import { pastOf } from "./periods.ts";
import type { Shown } from "./shown.ts";

/** The change from one count to another in whole percent; null from nothing. */
export const percentOf = (now: number, before: number): number | null =>
  before === 0 ? null : Math.round(((now - before) / before) * 100);

/** A difference with its sign: `+3`, `−2`, `0`. */
export function signed(difference: number, locale: string): string {
  const text = Math.abs(difference).toLocaleString(locale);
  return difference > 0 ? `+${text}` : difference < 0 ? `−${text}` : text;
}

/** The stretch of the past in words: `Thu 12 Nov`, `9 Nov – 15 Nov`. */
export function pastInWords({ period, stretch }: Pick<Shown, "period" | "stretch">): string {
  const { from, to } = pastOf(period, stretch);
  return period === "day" ? weekday(from) : `${shortDay(from)} – ${shortDay(to - 1)}`;
}

/** How many there are of something in a bar, now and in the past. */
type Measure = (bar: BarFacts) => readonly [now: number, before: number];

/**
 * The change since the past, in words. If a period has not ended, only its hours or days that are over are compared.
 * Null if nothing is compared.
 */
export function changeWords(shown: Shown, bars: readonly BarFacts[], measure: Measure): string | null {
  const { compare, period, now, stretch } = shown;
  if (compare === null) return null;
  const w = statisticsWords.value;
  if (bars.every(({ totalBefore }) => totalBefore === 0)) return w.noBefore[compare];
  const over = bars.filter(({ end }) => end <= now);
  const sum = (at: 0 | 1) => over.reduce((all, bar) => all + measure(bar)[at], 0);
  const [count, before] = [sum(0), sum(1)];
  const past = pastInWords(shown);
  const old = period === "day" ? w.onDay(before, past) : w.inDays(before, past);
  const percent = percentOf(count, before);
  const said = percent === null ? old : `${w.change(percent)} · ${old}`;
  const last = over.at(-1)?.end ?? stretch.from;
  if (stretch.to <= now) return said;
  return w.isUntil(said, period === "day" ? shortTime(last) : shortDay(last - 1));
}
