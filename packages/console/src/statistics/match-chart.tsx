import type { Stats } from "@gatepost/client";
import { count } from "../format/number.ts";
import { statisticsWords } from "../words/statistics.ts";
import { ChartTable } from "./chart-table.tsx";

const [base, high, step, classes] = [150, 134, 25.5, 20];

/** How many had which match: strangers beside registered people. */
export function MatchChart({ match }: { match: Stats["match"] }) {
  const w = statisticsWords.value;
  const parts = Array.from({ length: classes }, (_, at) => {
    const inClass = match.filter(({ from }) => Math.floor(from / 5) === at);
    const sum = (isStranger: boolean) =>
      inClass.reduce((total, one) => total + ((one.type === "stranger") === isStranger ? one.count : 0), 0);
    return { from: at * 5, strangers: sum(true), registered: sum(false) };
  });
  const maxTotal = Math.max(1, ...parts.map(({ strangers, registered }) => strangers + registered));
  const tall = (value: number) => (value / maxTotal) * high;
  return (
    <section class="panel" aria-labelledby="match">
      <header>
        <h2 id="match">{w.match}</h2>
        <span class="end legend">
          <span class="kind stranger">{w.strangers}</span>
          <span class="kind">{w.registered}</span>
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls sideways, also by keys. */}
      <div class="body sideways" tabIndex={0}>
        <svg class="chart" viewBox="0 0 530 178" role="img" aria-label={w.matchLabel}>
          {parts.map(({ from, strangers, registered }, at) => {
            const [x, low, upper] = [8 + at * step, tall(registered), tall(strangers)];
            return (
              <g key={from}>
                <rect class="a" x={x} y={(base - low).toFixed(1)} width="22" height={low.toFixed(1)} />
                <rect class="s" x={x} y={(base - low - upper).toFixed(1)} width="22" height={upper.toFixed(1)} />
              </g>
            );
          })}
          {[0, 25, 50, 75, 100].map((value) => (
            <text
              key={value}
              x={8 + value * 5.1}
              y="168"
              text-anchor={value === 100 ? "end" : value === 0 ? "start" : "middle"}
            >
              {value}
            </text>
          ))}
        </svg>
      </div>
      <ChartTable
        heads={[w.from, w.strangers, w.registered]}
        rows={parts.map(({ from, strangers, registered }) => ({
          key: from,
          cells: [`${from}–${from + 5}`, count(strangers), count(registered)],
        }))}
      />
    </section>
  );
}
