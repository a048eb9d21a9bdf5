import { useLayoutEffect, useRef } from "preact/hooks";
import { count } from "../format/number.ts";
import { day, shortTime } from "../format/time.ts";
import { Kind as KindMark } from "../parts/mark.tsx";
import { words } from "../words/index.ts";
import { statisticsWords } from "../words/statistics.ts";
import type { BarFacts } from "./bars-of.ts";
import { signed } from "./change.ts";
import { stacked } from "./kinds.ts";
import { eventsOf, type Shown } from "./shown.ts";

interface TipProps {
  /** The chosen bar; undefined for none. */
  bar: BarFacts | undefined;
  /** The middle of the bar, and half of its place, as parts of the width of the chart. */
  at: number;
  half: number;
  shown: Shown;
}

/** Px between a bar and its numbers. */
const gap = 8;

/** The numbers of a bar, beside it and never over it. A narrow page has them under the chart. */
export function Tip({ bar, at, half, shown }: TipProps) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const tip = place.current?.firstElementChild;
    const chart = place.current?.parentElement?.querySelector("svg.chart");
    if (!(tip instanceof HTMLElement) || chart === undefined || chart === null) return;
    const [drawn, around] = [chart.getBoundingClientRect(), place.current?.getBoundingClientRect()];
    const [middle, away] = [drawn.left - (around?.left ?? 0) + at * drawn.width, half * drawn.width + gap];
    const isRight = middle + away + tip.offsetWidth <= (around?.width ?? 0);
    tip.style.insetInlineStart = `${isRight ? middle + away : Math.max(0, middle - away - tip.offsetWidth)}px`;
  }, [bar, at, half]);
  return (
    <div class="tip-place" role="status" ref={place}>
      {bar === undefined ? null : <Numbers bar={bar} shown={shown} />}
    </div>
  );
}

function Numbers({ bar, shown }: { bar: BarFacts; shown: Shown }) {
  const w = statisticsWords.value;
  const { locale } = words.value;
  const { counts, before, total, totalBefore, start, end } = bar;
  const isCompared = shown.compare !== null;
  const kinds = stacked.filter((kind) => kind !== "unknown" || counts[kind] !== undefined);
  const change = (now: number, then: number) =>
    isCompared ? <span class="meta">{signed(now - then, locale)}</span> : null;
  return (
    <div class="tip">
      <b>{shown.stretch.by === "hour" ? `${shortTime(start)}–${shortTime(end)}` : day(start)}</b>
      {kinds.map((kind) => (
        <span key={kind} class="row">
          <KindMark of={kind} />
          <b>{count(counts[kind] ?? 0)}</b>
          {change(counts[kind] ?? 0, before[kind] ?? 0)}
        </span>
      ))}
      <span class="row">
        <b class="start">{w.all}</b>
        <b>{count(total)}</b>
        {change(total, totalBefore)}
      </span>
      {total === 0 ? null : (
        <a class="meta" tabIndex={-1} href={eventsOf(shown, { from: start, to: end })}>
          {w.theseInEvents(total)}
        </a>
      )}
    </div>
  );
}
