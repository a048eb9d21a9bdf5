import type { Stats } from "@gatepost/client";
import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { minuteMs } from "../format/durations.ts";
import type { Kind } from "../format/event.ts";
import { count } from "../format/number.ts";
import { day, shortTime } from "../format/time.ts";
import { Blank, Failed, Outdated, Skeleton } from "../parts/loaded.tsx";
import { now } from "../state/clock.ts";
import { readPages, useLoading } from "../state/loading.ts";
import { query } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { turn } from "../state/turning.ts";
import { words } from "../words/index.ts";
import { statisticsWords } from "../words/statistics.ts";
import { Bars } from "./bars.tsx";
import { type BarFacts, barsOf, isNothing, untilNow } from "./bars-of.ts";
import { changeWords } from "./change.ts";
import { Export } from "./export.tsx";
import { GateCharts } from "./gates.tsx";
import { Days, Filters, Periods, step } from "./head.tsx";
import { MatchChart } from "./match-chart.tsx";
import { isMidnightCut } from "./periods.ts";
import { askedOf, isGoingOn, type Shown, shownIn } from "./shown.ts";
import { WeekChart } from "./week-chart.tsx";

const everyMs = 60_000;

/** When, and how many? */
export function StatisticsPage() {
  const { pages } = words.value;
  // The page follows the minute, and the known state of the clock behind it.
  const minute = useComputed(() => Math.floor(now.value / minuteMs) * minuteMs).value;
  const shown = shownIn(query.value, minute);
  useEffect(() => {
    turn.value = (by) => step(shown, by);
    return () => {
      turn.value = null;
    };
  });
  const asked = askedOf(shown);
  // After midnight they are the hours of another day.
  const { state, reload } = useLoading(
    `stats ${JSON.stringify(asked)}`,
    (signal) => gatepost().ask("GET /v1/stats", { query: asked, signal }),
    { every: everyMs, while: () => isGoingOn(shown) },
  );
  const { value, failure, retryAt } = state.value;
  const counted = value === null ? null : untilNow(barsOf(value, shown.stretch.from, shown.stretch.to), minute);
  return (
    <>
      <header class="head">
        <h1>{pages.statistics}</h1>
        <Days shown={shown} />
        <Periods chosen={shown.period} />
        <span class="end line tools">
          <Filters shown={shown} />
          <Export bars={counted?.bars ?? null} shown={shown} />
        </span>
      </header>
      {value === null && failure !== null ? <Failed failure={failure} retryAt={retryAt} onRetry={reload} /> : null}
      {value === null && failure === null ? <Skeleton as="panels" /> : null}
      <Outdated of={state.value} />
      {value === null || counted === null ? null : <Charts stats={value} {...counted} shown={shown} />}
    </>
  );
}

interface ChartsProps {
  stats: Stats;
  bars: readonly BarFacts[];
  /** Passings whose time is still to come. */
  future: number;
  shown: Shown;
}

function Charts({ stats, bars, future, shown }: ChartsProps) {
  const w = statisticsWords.value;
  const leftOut = future === 0 ? null : <p class="meta">{w.future(future)}</p>;
  if (isNothing(bars)) {
    return (
      <>
        <Nothing shown={shown} />
        {leftOut}
      </>
    );
  }
  return (
    <>
      <Figures stats={stats} bars={bars} shown={shown} />
      <div class="grid2">
        <Bars bars={bars} shown={shown} />
        {shown.filter["device"] === undefined ? <GateCharts shown={shown} every={everyMs} /> : null}
        <WeekChart week={stats.usualWeek} />
        {stats.match.length === 0 ? null : <MatchChart match={stats.match} />}
      </div>
      {leftOut}
      {isMidnightCut(shown.stretch) ? <p class="meta">{w.midnightCut}</p> : null}
    </>
  );
}

/** Pages of boxes that are read to find the first one. */
const mostPages = 10;

/** A period without passings. The text names the first day of all boxes, if that is later. */
function Nothing({ shown: { stretch, filter } }: { shown: Shown }) {
  const w = statisticsWords.value;
  const { state } = useLoading(`first sign ${JSON.stringify(filter)}`, (signal) =>
    firstSign(filter["site"]?.[0], signal),
  );
  const first = state.value.value;
  if (first !== null && first !== undefined && stretch.to <= first) {
    return <Blank icon="statistics" title={w.noneBefore(day(first))} />;
  }
  return <Blank icon="statistics" title={w.noneTitle} why={w.noneWhy} />;
}

/** When a box gave its first sign, ms since 1970; null if there is none yet, or if there are too many to say. */
async function firstSign(site: string | undefined, signal: AbortSignal): Promise<number | null> {
  const { items, isWhole } = await readPages<number>(
    (_, pages) => pages >= mostPages,
    async (from) => {
      const query = { ...from, ...(site === undefined ? {} : { site }) };
      const { boxes, next } = await gatepost().ask("GET /v1/boxes", { query, signal });
      return { items: boxes.flatMap(({ firstSeen }) => (firstSeen === null ? [] : [Date.parse(firstSeen)])), next };
    },
  );
  return isWhole && items.length > 0 ? Math.min(...items) : null;
}

interface FiguresProps {
  stats: Stats;
  bars: readonly BarFacts[];
  shown: Shown;
}

/** The numbers of the whole period, each with its change since the past. */
function Figures({ stats, bars, shown }: FiguresProps) {
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
