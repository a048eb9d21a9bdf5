import type { Stats } from "@gatepost/client";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Kind, kindWord } from "../format/event.ts";
import { count } from "../format/number.ts";
import { Kind as KindMark } from "../parts/mark.tsx";
import { Heads } from "../parts/table.tsx";
import { words } from "../words/index.ts";
import { type BarFacts, barsOf, lastPassed } from "./bars-of.ts";
import { niceTop } from "./nice-top.ts";

/** The numbers of a chart, for screen readers and for users who want them exactly. */
export function ChartTable({ heads, rows }: { heads: readonly string[]; rows: readonly (readonly string[])[] }) {
  return (
    <details>
      <summary>{words.value.statistics.asTable}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys. */}
      <div class="scrolled" tabIndex={0}>
        <table class="numbers">
          <thead>
            <tr>
              <Heads names={heads} />
            </tr>
          </thead>
          <tbody>
            {rows.map(([first = "", ...others]) => (
              <tr key={first}>
                <th scope="row">{first}</th>
                {others.map((value, at) => (
                  <td key={heads[at + 1]}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

const kinds: readonly Kind[] = ["employee", "visitor", "vip", "stranger", "blacklist", "unknown"];
const look: Record<Kind, string> = {
  employee: "a",
  visitor: "v",
  vip: "p",
  stranger: "s",
  blacklist: "b",
  unknown: "a",
};

const [width, height, left, foot] = [1080, 220, 40, 24];

/** Each hour or day in one bar, from the bottom: employees, visitors, VIP, strangers, blacklist. */
export function Bars({ stats, from, to }: { stats: Stats; from: number; to: number }) {
  const { statistics: w } = words.value;
  const bars = barsOf(stats, from, to);
  const most = Math.max(1, ...bars.map(({ total }) => total));
  const top = niceTop(most);
  const scale = (height - foot - 16) / top;
  const step = (width - left) / bars.length;
  const highest = bars.find(({ total }) => total === most);
  const title = w.each[stats.by === "day" ? "day" : "hour"];
  const body = useRef<HTMLDivElement>(null);
  const end = (left + (lastPassed(bars) + 1) * step) / width;
  // If only a part of the chart has room, as on a phone, it is the last one with passings, not an empty night.
  useLayoutEffect(() => {
    const box = body.current;
    if (box !== null) box.scrollLeft = end * box.scrollWidth - box.clientWidth;
  }, [from, to, end]);
  const label = highest === undefined ? title : `${title}; ${w.most(highest.label, most)}`;
  return (
    <section class="panel wide" aria-labelledby="each">
      <header>
        <h2 id="each">{title}</h2>
        <span class="end legend">
          {kinds.slice(0, 5).map((kind) => (
            <KindMark key={kind} of={kind} />
          ))}
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls sideways, also by keys. */}
      <div class="body" tabIndex={0} ref={body}>
        <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
          {[0, 0.25, 0.5, 0.75, 1].map((part) => (
            <Line key={part} value={top * part} y={height - foot - top * part * scale} />
          ))}
          {bars.map((bar, at) => (
            <Bar
              key={bar.start}
              bar={bar}
              x={left + at * step}
              width={step * 0.7}
              scale={scale}
              isMost={bar === highest}
              isNamed={at % Math.ceil(bars.length / 24) === 0}
            />
          ))}
        </svg>
      </div>
      <ChartTable
        heads={[w.when, ...kinds.map(kindWord), w.all]}
        rows={bars.map((bar) => [bar.label, ...kinds.map((kind) => count(bar.counts[kind] ?? 0)), count(bar.total)])}
      />
    </section>
  );
}

function Line({ value, y }: { value: number; y: number }) {
  return (
    <>
      <path class="g" d={`M32 ${y.toFixed(1)}H${width}`} />
      <text x="26" y={(y + 4).toFixed(1)} text-anchor="end">
        {count(Math.round(value))}
      </text>
    </>
  );
}

interface BarProps {
  bar: BarFacts;
  x: number;
  width: number;
  scale: number;
  isMost: boolean;
  isNamed: boolean;
}

function Bar({ bar, x, width: thickness, scale, isMost, isNamed }: BarProps) {
  let y = height - foot;
  const parts = kinds.map((kind) => {
    const high = (bar.counts[kind] ?? 0) * scale;
    y -= high;
    return high === 0 ? null : (
      <rect
        key={kind}
        class={look[kind]}
        x={x.toFixed(1)}
        y={y.toFixed(1)}
        width={thickness.toFixed(1)}
        height={high.toFixed(1)}
      />
    );
  });
  const middle = (x + thickness / 2).toFixed(1);
  return (
    <>
      {parts}
      {isNamed ? (
        <text x={middle} y={height - 6} text-anchor="middle">
          {bar.label}
        </text>
      ) : null}
      {isMost && bar.total > 0 ? (
        <text class="t" x={middle} y={(y - 6).toFixed(1)} text-anchor="middle">
          {count(bar.total)}
        </text>
      ) : null}
    </>
  );
}
