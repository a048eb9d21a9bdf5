import { dayMs } from "../format/durations.ts";
import { count } from "../format/number.ts";
import { words } from "../words/index.ts";
import { statisticsWords } from "../words/statistics.ts";
import { ChartTable } from "./chart-table.tsx";

const hours = Array.from({ length: 24 }, (_, hour) => hour);
/** A Monday. */
const monday = Date.UTC(2024, 0, 1, 12);

/** Seven rows of 24 from Monday: the darker, the more. */
export function WeekChart({ week }: { week: number[][] }) {
  const w = statisticsWords.value;
  const { locale } = words.value;
  const maxCount = Math.max(...week.flat());
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  const days = week.map((_, at) => weekday.format(monday + at * dayMs));
  return (
    <section class="panel" aria-labelledby="week">
      <header>
        <h2 id="week">{w.usualWeek}</h2>
        <span class="end meta">{maxCount === 0 ? w.afterSevenDays : w.meanOfFour}</span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls sideways, also by keys. */}
      <div class="body sideways" tabIndex={0}>
        <svg class="chart" viewBox="0 0 530 178" role="img" aria-label={w.usualWeekLabel}>
          {week.map((row, y) => (
            <g key={days[y]}>
              <text x="34" y={y * 22 + 16} text-anchor="end">
                {days[y]}
              </text>
              {row.map((value, x) => (
                <rect
                  key={`${x}`}
                  class="c"
                  fill-opacity={(0.05 + (value / Math.max(1, maxCount)) * 0.85).toFixed(2)}
                  x={42 + x * 20}
                  y={y * 22}
                  width="18"
                  height="20"
                />
              ))}
            </g>
          ))}
          {[0, 6, 12, 18].map((hour) => (
            <text key={hour} x={42 + hour * 20} y="172">
              {String(hour).padStart(2, "0")}
            </text>
          ))}
        </svg>
      </div>
      <ChartTable
        heads={[w.when, ...hours.map((hour) => String(hour).padStart(2, "0"))]}
        rows={week.map((row, at) => ({
          key: at,
          cells: [days[at] ?? "", ...row.map((value) => count(Math.round(value)))],
        }))}
      />
    </section>
  );
}
