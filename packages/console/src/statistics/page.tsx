import type { Stats } from "@gatepost/client";
import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { minuteMs } from "../format/durations.ts";
import { Failed, Outdated, Skeleton } from "../parts/loaded.tsx";
import { now } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { query } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { turn } from "../state/turning.ts";
import { words } from "../words/index.ts";
import { statisticsWords } from "../words/statistics.ts";
import { Bars } from "./bars.tsx";
import { type BarFacts, barsOf, isNothing, untilNow } from "./bars-of.ts";
import { Export } from "./export.tsx";
import { Figures } from "./figures.tsx";
import { GateCharts } from "./gates.tsx";
import { Days, Filters, Periods, step } from "./head.tsx";
import { MatchChart } from "./match-chart.tsx";
import { Nothing } from "./nothing.tsx";
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
