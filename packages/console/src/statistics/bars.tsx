import { type Signal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { kindWord } from "../format/event.ts";
import { count } from "../format/number.ts";
import { Kind as KindMark } from "../parts/mark.tsx";
import { statisticsWords } from "../words/statistics.ts";
import { type BarFacts, lastPassed } from "./bars-of.ts";
import { pastInWords } from "./change.ts";
import { ChartTable } from "./chart-table.tsx";
import { look, stacked } from "./kinds.ts";
import { eventsOf, type Shown } from "./shown.ts";
import { Tip } from "./tip.tsx";

const [width, height, left, foot] = [1080, 220, 40, 24];

interface BarsProps {
  bars: readonly BarFacts[];
  shown: Shown;
}

/**
 * Each hour or day in one bar, from the bottom: employees, visitors, VIP, strangers, blacklist; the past as a line over
 * it. The pointer or an arrow key chooses a bar and shows its numbers; a click or Enter leads to its passings.
 */
export function Bars({ bars, shown }: BarsProps) {
  const w = statisticsWords.value;
  const chosen = useSignal<number | null>(null);
  const body = useRef<HTMLDivElement>(null);
  const maxTotal = Math.max(1, ...bars.map(({ total }) => total));
  const highest = bars.find(({ total }) => total === maxTotal);
  const title = w.each[shown.stretch.by];
  const label = highest === undefined ? title : `${title}; ${w.most(highest.label, maxTotal)}`;
  const end = (left + ((lastPassed(bars) + 1) * (width - left)) / bars.length) / width;
  // If only a part of the chart has room, as on a phone, it is the last one with passings, not an empty night.
  useLayoutEffect(() => {
    const box = body.current;
    if (box !== null) box.scrollLeft = end * box.scrollWidth - box.clientWidth;
  }, [shown.stretch.from, shown.stretch.to, end]);
  const bar = chosen.value === null ? undefined : bars[chosen.value];
  const leave = () => {
    if (body.current?.matches(":focus") !== true) chosen.value = null;
  };
  // A finger presses the link in the numbers.
  const blur = ({ relatedTarget }: FocusEvent) => {
    if (!(relatedTarget instanceof Element && relatedTarget.closest(".tip") !== null)) chosen.value = null;
  };
  return (
    <section class="panel wide" aria-labelledby="each">
      <header>
        <h2 id="each">{title}</h2>
        <Legend shown={shown} />
      </header>
      <div class="charted" onPointerLeave={leave}>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields. */}
        <div
          class="body sideways"
          role="group"
          aria-labelledby="each"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys choose a bar; the table has the same as links.
          tabIndex={0}
          ref={body}
          onKeyDown={(event) => pressKey(event, { bars, shown, chosen })}
          onFocus={() => (chosen.value ??= lastPassed(bars))}
          onBlur={blur}
        >
          <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
            <Drawing bars={bars} chosen={chosen} shown={shown} most={maxTotal} />
          </svg>
        </div>
        <Tip
          bar={bar}
          at={chosen.value === null ? 0 : (left + ((chosen.value + 0.35) * (width - left)) / bars.length) / width}
          half={((width - left) / bars.length / width) * 0.5}
          shown={shown}
        />
      </div>
      <Table bars={bars} shown={shown} />
    </section>
  );
}

function Legend({ shown }: { shown: Shown }) {
  return (
    <span class="end legend">
      {stacked.slice(0, 5).map((kind) => (
        <KindMark key={kind} of={kind} />
      ))}
      {shown.compare === null ? null : (
        <span class="kind">
          <svg class="past-mark" viewBox="0 0 12 12" aria-hidden="true">
            <path d="M0 5h12v2H0z" />
          </svg>
          {pastInWords(shown)}
        </span>
      )}
    </span>
  );
}

interface DrawingProps extends BarsProps {
  chosen: Signal<number | null>;
  most: number;
}

function Drawing({ bars, shown, chosen, most }: DrawingProps) {
  const past = shown.compare === null ? 0 : Math.max(0, ...bars.map(({ totalBefore }) => totalBefore));
  const top = niceTop(Math.max(most, past));
  const scale = (height - foot - 16) / top;
  const step = (width - left) / bars.length;
  const yOf = (value: number) => (height - foot - value * scale).toFixed(1);
  // A finger has not seen the numbers yet: it chooses, and the line with them leads on.
  const press = (event: MouseEvent, bar: BarFacts) => {
    if (!("pointerType" in event) || event.pointerType !== "touch") open(bar, shown);
  };
  return (
    <>
      {[0, 0.25, 0.5, 0.75, 1].map((part) => (
        <Line key={part} value={top * part} y={Number(yOf(top * part))} />
      ))}
      {bars.map((bar, at) => {
        const x = left + at * step;
        const isChosen = chosen.value === at;
        return (
          <g key={bar.start} class={isChosen ? "chosen" : undefined}>
            {isChosen ? (
              <rect
                class="band"
                x={(x - step * 0.15).toFixed(1)}
                y="0"
                width={step.toFixed(1)}
                height={height - foot}
              />
            ) : null}
            <Bar
              bar={bar}
              x={x}
              width={step * 0.7}
              yOf={yOf}
              isMost={shown.compare === null && at === bars.findIndex(({ total }) => total === most)}
              isNamed={at % Math.ceil(bars.length / 24) === 0}
            />
            {shown.compare === null || bar.totalBefore === 0 ? null : (
              <path
                class="past"
                d={`M${(x - step * 0.08).toFixed(1)} ${yOf(bar.totalBefore)}h${(step * 0.86).toFixed(1)}`}
              />
            )}
            {/* biome-ignore lint/a11y/noStaticElementInteractions: Enter does the same, and the table has links. */}
            <rect
              class="hit"
              x={(x - step * 0.15).toFixed(1)}
              y="0"
              width={step.toFixed(1)}
              height={height}
              onPointerEnter={() => (chosen.value = at)}
              onPointerDown={() => (chosen.value = at)}
              onClick={(event) => press(event, bar)}
            />
          </g>
        );
      })}
    </>
  );
}

/** Leads to exactly the passings of a bar. */
function open(bar: BarFacts, shown: Shown): void {
  if (bar.total > 0) location.hash = eventsOf(shown, spanOf(bar));
}

const spanOf = ({ start, end }: BarFacts) => ({ from: start, to: end });

interface Pressed extends BarsProps {
  chosen: Signal<number | null>;
}

function pressKey(event: KeyboardEvent, { bars, shown, chosen }: Pressed): void {
  const at = chosen.peek() ?? lastPassed(bars);
  const moves: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 };
  const wanted = moves[event.key];
  const bar = bars[at];
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (wanted !== undefined) chosen.value = Math.min(bars.length - 1, Math.max(0, wanted));
  else if (event.key === "Enter" && bar !== undefined) open(bar, shown);
  else if (event.key === "Escape") chosen.value = null;
  else return;
  event.preventDefault();
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
  yOf(value: number): string;
  isMost: boolean;
  isNamed: boolean;
}

function Bar({ bar, x, width: thickness, yOf, isMost, isNamed }: BarProps) {
  let sum = 0;
  const parts = stacked.map((kind) => {
    const low = Number(yOf(sum));
    sum += bar.counts[kind] ?? 0;
    const high = Number(yOf(sum));
    return low === high ? null : (
      <rect
        key={kind}
        class={look[kind]}
        x={x.toFixed(1)}
        y={high}
        width={thickness.toFixed(1)}
        height={(low - high).toFixed(1)}
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
        <text class="t" x={middle} y={Number(yOf(bar.total)) - 6} text-anchor="middle">
          {count(bar.total)}
        </text>
      ) : null}
    </>
  );
}

function Table({ bars, shown }: BarsProps) {
  const w = statisticsWords.value;
  const isCompared = shown.compare !== null;
  return (
    <ChartTable
      heads={[w.when, ...stacked.map(kindWord), w.all, ...(isCompared ? [w.beforeHead] : [])]}
      rows={bars.map((bar) => ({
        key: bar.start,
        cells: [
          <a key="when" href={eventsOf(shown, spanOf(bar))}>
            {bar.label}
          </a>,
          ...stacked.map((kind) => count(bar.counts[kind] ?? 0)),
          count(bar.total),
          ...(isCompared ? [count(bar.totalBefore)] : []),
        ],
      }))}
    />
  );
}

/** A round number at or above the highest bar, a quarter of which is a round number of passings, too. */
export function niceTop(most: number): number {
  const least = Math.max(1, most / 4);
  const size = 10 ** Math.floor(Math.log10(least));
  const quarters = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((factor) => factor * size).filter(Number.isInteger);
  return 4 * (quarters.find((quarter) => quarter >= least) ?? 10 * size);
}
