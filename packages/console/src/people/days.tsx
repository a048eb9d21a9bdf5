import { dayMs } from "../format/durations.ts";
import { now } from "../state/clock.ts";
import { peopleWords } from "../words/people.ts";

/** px: the width of a day, and of the bar in it. */
const [step, width] = [10.7, 8];

/** The last days of a person as bars, the newest last: high with a passing, low without, hollow without at a weekend. */
export function Days({ of }: { of: string }) {
  const days = [...of];
  const passed = days.filter((day) => day === "1").length;
  return (
    <svg class="days14" viewBox="0 0 150 20" role="img" aria-label={peopleWords.value.daysPassed(passed)}>
      {days.map((day, at) => {
        const x = (0.5 + at * step).toFixed(1);
        const look = day === "1" ? "y" : isWeekend(days.length - 1 - at) ? "w" : "n";
        const [y, height] = day === "1" ? [2, 16] : [14, 4];
        return <rect key={at} class={look} x={x} y={y} width={width} height={height} rx="1" />;
      })}
    </svg>
  );
}

function isWeekend(daysAgo: number): boolean {
  const weekday = new Date(now.peek() - daysAgo * dayMs).getDay();
  return weekday === 0 || weekday === 6;
}
