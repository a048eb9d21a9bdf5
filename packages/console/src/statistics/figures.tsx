import type { Stats } from "@gatepost/client";
import { minuteMs } from "../format/durations.ts";
import type { Kind } from "../format/event.ts";
import { count } from "../format/number.ts";
import { shortTime } from "../format/time.ts";
import { statisticsWords } from "../words/statistics.ts";
import type { BarFacts } from "./bars-of.ts";
import { changeWords } from "./change.ts";
import type { Shown } from "./shown.ts";

interface FiguresProps {
  stats: Stats;
  bars: readonly BarFacts[];
  shown: Shown;
}

/** The numbers of the whole period, each with its change since the past. */
export function Figures({ stats, bars, shown }: FiguresProps) {
  const w = statisticsWords.value;
  const total = bars.reduce((sum, bar) => sum + bar.total, 0);
  const sumOf = (kind: Kind) => bars.reduce((sum, { counts }) => sum + (counts[kind] ?? 0), 0);
  const changeOf = (kind: Kind) =>
    changeWords(shown, bars, ({ counts, before }) => [counts[kind] ?? 0, before[kind] ?? 0]);
  return (
    <div class="figs">
      <Figure
        value={count(total)}
        what={w.figurePassings}
        change={changeWords(shown, bars, (bar) => [bar.total, bar.totalBefore])}
      />
      <Busiest busiest={stats.busiest} shown={shown} />
      <Figure value={count(sumOf("stranger"))} what={w.figureStrangers} change={changeOf("stranger")} />
      <Figure value={count(sumOf("blacklist"))} what={w.figureBlacklist} change={changeOf("blacklist")} />
    </div>
  );
}

function Busiest({ busiest, shown }: { busiest: Stats["busiest"]; shown: Shown }) {
  const w = statisticsWords.value;
  // One in the time to come is of a box whose clock is ahead.
  if (busiest === null || Date.parse(busiest.start) > shown.now) return null;
  const start = Date.parse(busiest.start);
  return (
    <Figure
      value={`${shortTime(start)}–${shortTime(start + busiest.minutes * minuteMs)}`}
      what={w.figureBusiest(busiest.count)}
      change={shown.period === "day" ? laterWords(busiest) : null}
    />
  );
}

/** How much earlier or later it was busiest than in the past, by the clocks of both days. */
function laterWords({ start, before }: NonNullable<Stats["busiest"]>): string | null {
  if (before === undefined || before === null) return null;
  const w = statisticsWords.value;
  const minuteOf = (time: string) => new Date(time).getHours() * 60 + new Date(time).getMinutes();
  const later = minuteOf(start) - minuteOf(before.start);
  if (later === 0) return w.sameTime;
  return later > 0 ? w.minutesLater(later) : w.minutesEarlier(-later);
}

function Figure({ value, what, change }: { value: string; what: string; change: string | null }) {
  return (
    <div class="panel fig">
      <b>{value}</b>
      <span class="quiet">{what}</span>
      {change === null ? null : <div class="delta">{change}</div>}
    </div>
  );
}
