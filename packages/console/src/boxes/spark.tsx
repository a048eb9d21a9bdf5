import type { BoxHealth } from "@gatepost/client";
import { minuteMs } from "../format/durations.ts";
import { near } from "../format/time.ts";
import { now } from "../state/clock.ts";
import { words } from "../words/index.ts";

const height = 48;
const step = 5;
const halfHour = 30 * minuteMs;

/** Reports of the last day in narrow bars, over a usual day in wide ones; since when it is silent. */
export function Spark({ box }: { box: BoxHealth }) {
  const { boxes: w, time } = words.value;
  const { rhythm } = box;
  if (rhythm === null) return null;
  const { counts, usual, from } = rhythm;
  const most = Math.max(1, ...counts, ...usual);
  const bar = (value: number) => (Math.max(0, value) / most) * (height - 2);
  const width = Math.max(counts.length, usual.length) * step - 1;
  const cut =
    box.state === "silent" && box.lastSeen !== null ? (Date.parse(box.lastSeen) - Date.parse(from)) / halfHour : null;
  return (
    <>
      <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={w.spark}>
        {cut === null ? null : (
          <rect class="gap" x={cut * step} width={Math.max(0, width - cut * step)} height={height} />
        )}
        <path class="usual" d={usual.map((value, at) => barAt(at * step, 4, bar(value))).join("")} />
        <path class="is" d={counts.map((value, at) => barAt(at * step + 1, 2, bar(value))).join("")} />
        {cut === null ? null : <path class="cut" d={`M${(cut * step).toFixed(1)} 0v${height}`} />}
      </svg>
      <div class="axis meta">
        <span>{near(from, now.peek())}</span>
        <span>{w.sparkAxis}</span>
        <span>{time.now}</span>
      </div>
    </>
  );
}

/** One bar as a part of a path: hundreds of boxes have a hundred bars each. */
function barAt(x: number, width: number, high: number): string {
  return high === 0 ? "" : `M${x} ${height}v${(-high).toFixed(1)}h${width}v${high.toFixed(1)}z`;
}
