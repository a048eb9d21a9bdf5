import type { Day } from "../state/hours/sheet.ts";
import { zonedMinutes, zonedTime } from "../state/hours/zoned.ts";
import { hoursWords } from "../words/hours.ts";

/** Hours that a bar shows: of a shift over midnight to noon of the next day. */
const shownHours = 36;
const width = 720;
const place = (minute: number) => (Math.min(shownHours * 60, Math.max(0, minute)) * width) / (shownHours * 60);

const marks = Array.from({ length: shownHours / 6 + 1 }, (_, at) => at * 6);

/** The hours of the day above the bars. */
export function HourScale() {
  return (
    <svg class="day-bar scale" viewBox={`0 0 ${width} 14`} aria-hidden="true">
      {marks.slice(0, -1).map((hour) => (
        <text key={hour} x={place(hour * 60) + 2} y="11">
          {String(hour % 24).padStart(2, "0")}
        </text>
      ))}
    </svg>
  );
}

/** A day from the first in to the last out, with a tick a passing. An end that is not known is dotted. */
export function DayBar({ day, zone }: { day: Day | undefined; zone: string }) {
  if (day === undefined) return null;
  const { in: first, out, passings = [] } = day;
  const at = (time: string) => place(zonedMinutes(time, day.day, zone));
  const times = passings.map((time) => zonedTime(time, zone));
  return (
    <svg
      class="day-bar"
      viewBox={`0 0 ${width} 28`}
      role="img"
      aria-label={hoursWords.value.passings(times.length, times.join(" "))}
    >
      {marks.map((hour) => (
        <path key={hour} class="g" d={`M${place(hour * 60)} 0v28`} />
      ))}
      {first === null || out === null ? null : (
        <rect class="work" x={at(first)} y="8" width={Math.max(2, at(out) - at(first))} height="12" rx="2" />
      )}
      {first !== null && out === null ? <path class="unknown" d={`M${at(first)} 14h24`} /> : null}
      {passings.map((time) => (
        <path key={time} class="tick-mark" d={`M${at(time)} 4v20`} />
      ))}
    </svg>
  );
}
