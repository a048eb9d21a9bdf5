import { halfHourWords } from "../state/people/presence.ts";
import { words } from "../words/index.ts";
import { insideWords } from "../words/inside.ts";

const [width, height] = [864, 60];
const halfHours = 48;
const step = width / halfHours;

interface TodayProps {
  /** How many were inside at the end of each half-hour; the last one is now. */
  today: readonly number[];
  before: readonly number[];
}

/** The day by half-hours, beside the same day of the week before. */
export function Today({ today, before }: TodayProps) {
  const w = insideWords.value;
  const highest = Math.max(1, ...today, ...before);
  const y = (value: number) => (height - (value / highest) * (height - 2)).toFixed(1);
  const peak = today.indexOf(Math.max(...today));
  const label = [w.chart(today[peak] ?? 0, halfHourWords(peak + 1)), w.chartBefore(Math.max(0, ...before))].join(" · ");
  return (
    <section class="panel" aria-labelledby="inside-today">
      <header>
        <h2 id="inside-today">{words.value.nudge.today}</h2>
        <span class="meta end">{w.line}</span>
      </header>
      <div class="body">
        <svg
          class="half-hours"
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={label}
        >
          {today.map((value, at) => (
            <rect
              key={halfHourWords(at)}
              x={(at * step).toFixed(1)}
              y={y(value)}
              width={(step * 0.84).toFixed(1)}
              height={(height - Number(y(value))).toFixed(1)}
            />
          ))}
          {before.map((value, at) => (
            <path key={halfHourWords(at)} d={`M${(at * step).toFixed(1)} ${y(value)}h${(step * 0.84).toFixed(1)}`} />
          ))}
        </svg>
        <div class="hours-axis meta" aria-hidden="true">
          {["00", "06", "12", "18", "24"].map((hour) => (
            <span key={hour}>{hour}</span>
          ))}
        </div>
      </div>
    </section>
  );
}
