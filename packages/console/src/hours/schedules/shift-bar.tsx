import { scheduleWords } from "../../words/schedules.ts";
import { breakSpan, spanOf, type Wish } from "./draft.ts";

const width = 720;

const clockOf = (minutes: number) => {
  const minuteOfDay = ((minutes % 1440) + 1440) % 1440;
  return `${String(Math.floor(minuteOfDay / 60)).padStart(2, "0")}:${String(minuteOfDay % 60).padStart(2, "0")}`;
};

/** A schedule as a bar: the work, the grace at both ends, and below it the windows for first in and last out. */
export function ShiftBar({ of }: { of: Wish }) {
  const w = scheduleWords.value;
  const { start, end, in: first, out: last } = spanOf(of);
  const [from, to] = [Math.min(first[0], last[0]), Math.max(first[1], last[1])];
  const hours = to - from > 1440 ? 4 : 2;
  const place = (minutes: number) => ((minutes - from) * width) / (to - from);
  const step = hours * 60;
  const marks = Array.from(
    { length: Math.floor((to - from) / step) + 1 },
    (_, at) => (Math.ceil(from / step) + at) * step,
  );
  const { lateAfter, earlyBefore } = of;
  const part = (name: string, a: number, b: number, y = 12, height = 20) => (
    <rect class={name} x={place(a)} y={y} width={Math.max(0, place(b) - place(a))} height={height} rx="2" />
  );
  return (
    <svg
      class="shift"
      viewBox={`0 0 ${width} 72`}
      role="img"
      aria-label={w.barLabel(of.start, of.end, clockOf(start + lateAfter))}
    >
      {marks
        .filter((minutes) => minutes <= to)
        .map((minutes) => (
          <g key={minutes}>
            <path class="g" d={`M${place(minutes)} 0v52`} />
            {place(minutes) > width - 20 ? null : (
              <text x={place(minutes) + 3} y="68">
                {clockOf(minutes).slice(0, 2)}
              </text>
            )}
          </g>
        ))}
      {part("work", start, end)}
      {part("grace", start, Math.min(end, start + lateAfter))}
      {part("grace", Math.max(start, end - earlyBefore), end)}
      {(of.breaks ?? []).map((one) => {
        if (!("from" in one)) return null;
        const [begins, ends] = breakSpan(one, start);
        return part("pause", begins, ends);
      })}
      {part("window", first[0], first[1], 38, 3)}
      {part("window", last[0], last[1], 44, 3)}
    </svg>
  );
}
