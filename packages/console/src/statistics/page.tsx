import type { Stats } from "@gatepost/client";
import { useComputed } from "@preact/signals";
import { BoxFacet, SiteFacet } from "../events/facets.tsx";
import { count } from "../format/number.ts";
import { longDay, shortDay, shortTime } from "../format/time.ts";
import { Blank, Failed, Outdated, Skeleton } from "../parts/loaded.tsx";
import { now } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { query as asked, parameter, setQuery } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { Bars } from "./bars.tsx";
import { MatchChart } from "./match-chart.tsx";
import { countedStretch, isMidnightCut, type Period, periods, stretchOf } from "./periods.ts";
import { WeekChart } from "./week-chart.tsx";

const everyMs = 60_000;

/** When, and how many? */
export function StatisticsPage() {
  const { pages } = words.value;
  const period = periods.find((name) => name === parameter("by")) ?? "day";
  const { box: boxes = [], site: [site] = [] } = asked.value;
  // The page follows the day, and the known state of the clock behind it.
  const today = useComputed(() => stretchOf("day", now.value).from).value;
  const { from, to, by } = stretchOf(period, today);
  const ask = (signal: AbortSignal) => {
    const counted = countedStretch({ from, to });
    const query = { by, from: iso(counted.from), to: iso(counted.to), zone, box: boxes, site };
    return gatepost().ask("GET /v1/stats", { query, signal });
  };
  // After midnight they are the hours of another day.
  const { state, reload } = useLoading(`stats ${period} ${JSON.stringify([boxes, site])} ${from}`, ask, {
    every: everyMs,
  });
  const { value, failure, retryAt } = state.value;
  return (
    <>
      <header class="head">
        <h1>{pages.statistics}</h1>
        <span class="say">{period === "day" ? longDay(from) : `${shortDay(from)} – ${shortDay(to - 1)}`}</span>
        <span class="end line tools">
          <Periods chosen={period} />
          <SiteFacet />
          <BoxFacet />
        </span>
      </header>
      {value === null && failure !== null ? <Failed failure={failure} retryAt={retryAt} onRetry={reload} /> : null}
      {value === null && failure === null ? <Skeleton /> : null}
      <Outdated of={state.value} />
      {value === null ? null : <Charts stats={value} from={from} to={to} />}
    </>
  );
}

const iso = (time: number) => new Date(time).toISOString();
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function Periods({ chosen }: { chosen: Period }) {
  const { statistics: w } = words.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are three buttons.
    <span class="seg" role="group" aria-label={w.period}>
      {periods.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === chosen}
          onClick={() => setQuery({ by: name === "day" ? null : name })}
        >
          {w[name]}
        </button>
      ))}
    </span>
  );
}

function Charts({ stats, from, to }: { stats: Stats; from: number; to: number }) {
  const { statistics: w } = words.value;
  const total = stats.buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  if (total === 0) return <Blank icon="statistics" title={w.noneTitle} why={w.noneWhy} />;
  const of = (type: string) =>
    stats.buckets.reduce((sum, bucket) => sum + (bucket.type === type ? bucket.count : 0), 0);
  const { busiest } = stats;
  return (
    <>
      <div class="figs">
        <Figure value={count(total)} what={w.figurePassings} />
        {busiest === null ? null : (
          <Figure
            value={`${shortTime(busiest.start)}–${shortTime(Date.parse(busiest.start) + busiest.minutes * 60_000)}`}
            what={w.figureBusiest(busiest.count)}
          />
        )}
        <Figure value={count(of("stranger"))} what={w.figureStrangers} />
        <Figure value={count(of("blacklist"))} what={w.figureBlacklist} />
      </div>
      <div class="grid2">
        <Bars stats={stats} from={from} to={to} />
        <WeekChart week={stats.usualWeek} />
        <MatchChart match={stats.match} />
      </div>
      {isMidnightCut({ from, to }) ? <p class="meta">{w.midnightCut}</p> : null}
    </>
  );
}

function Figure({ value, what }: { value: string; what: string }) {
  return (
    <div class="panel fig">
      <b>{value}</b>
      <span class="quiet">{what}</span>
    </div>
  );
}
