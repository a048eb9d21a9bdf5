import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isPrinting } from "./printing.ts";
import { Heads, type SortHead } from "./table.tsx";
import { windowOf } from "./window-of.ts";

/** How much larger all is drawn than usual: a very wide page has larger letters, and so has a browser that was told so. */
export const rootScale = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

const phone = matchMedia("(width <= 47.5em)");
const isNarrow = signal(phone.matches);
phone.addEventListener("change", ({ matches }) => {
  isNarrow.value = matches;
});

/** Whether the window is as narrow as a phone, as the style sheets see it. */
export const isPhone = () => isNarrow.value;

/** px of a row of a long list. */
export const rowHeight = () => (isPhone() ? 60 : 54) * rootScale();

interface VirtualRowsProps<Item> {
  label: string;
  heads: readonly (string | SortHead)[];
  /** The head of a last column, for screen readers alone. */
  hidden?: string;
  /** Further classes of the table. */
  look?: string;
  items: readonly Item[];
  row(item: Item, index: number): ComponentChildren;
  /** px of a row where it is not the usual one. */
  heightOf?(item: Item): number;
  /** The number of all rows, if more can be loaded. */
  total?: number;
  isBusy?: boolean;
  /** Of the item that is looked at first; the one on top where it is none. */
  first?: number;
  /** Called when the user has scrolled past four fifths of the loaded rows. */
  onNearEnd?(): void;
}

/** px that are scrolled before other rows are painted. */
const step = 54;
/** Fewer than this are all painted. */
const fewRows = 60;

/**
 * A table that paints only the rows in view, and on paper all of them. Rows have one height; the page scrolls, not the
 * table.
 */
export function VirtualRows<Item>({
  label,
  heads,
  hidden,
  look = "",
  items,
  row,
  heightOf,
  total,
  isBusy = false,
  first: begin = 0,
  onNearEnd,
}: VirtualRowsProps<Item>) {
  const table = useRef<HTMLTableElement>(null);
  const usual = rowHeight();
  const heights = items.map((item) => heightOf?.(item) ?? usual);
  const { first, last, before, after } = usePainted(table, heights, begin);
  useEffect(() => {
    if (!isPrinting.value && items.length > 0 && last >= items.length * 0.8) onNearEnd?.();
  });
  return (
    <table
      class={`rows ${look}`}
      ref={table}
      aria-label={label}
      aria-rowcount={(total ?? items.length) + 1}
      aria-busy={isBusy}
    >
      <thead>
        <tr aria-rowindex={1}>
          <Heads names={heads} {...(hidden === undefined ? {} : { hidden })} />
        </tr>
      </thead>
      <tbody>
        <Space height={before} />
        {items.slice(first, last).map((item, at) => row(item, first + at))}
        <Space height={after} />
      </tbody>
    </table>
  );
}

/**
 * The rows of a table to paint: those in view, and on paper all of them. `before` and `after` are the px of the others.
 *
 * @param heights px of each row
 * @param begin the row that is looked at first
 */
export function usePainted(table: { current: HTMLElement | null }, heights: readonly number[], begin = 0) {
  const view = useSignal({ top: sumOf(heights.slice(0, Math.max(0, begin))), height: innerHeight });
  useEffect(() => watchScroll(table, view), []);
  const isWhole = heights.length <= fewRows || isPrinting.value;
  return isWhole ? all(heights.length) : windowOf(heights, view.value);
}

const sumOf = (heights: readonly number[]) => heights.reduce((sum, each) => sum + each, 0);
const all = (count: number) => ({ first: 0, last: count, before: 0, after: 0 });

/**
 * The room of rows that are not painted. Its height is set by the page's own script, which the policy allows. It has one
 * cell: one that spans all columns would make more of them when a narrow page leaves some out.
 */
export function Space({ height }: { height: number }) {
  if (height === 0) return null;
  return (
    <tr class="space">
      <td style={{ height: `${height}px` }} />
    </tr>
  );
}

function watchScroll(
  table: { current: HTMLElement | null },
  view: { value: { top: number; height: number } },
): () => void {
  let frame = 0;
  const read = () => {
    frame = 0;
    const top = -(table.current?.getBoundingClientRect().top ?? 0);
    if (Math.abs(top - view.value.top) > step || innerHeight !== view.value.height)
      view.value = { top, height: innerHeight };
  };
  const later = () => {
    frame ||= requestAnimationFrame(read);
  };
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later);
  read();
  return () => {
    cancelAnimationFrame(frame);
    removeEventListener("scroll", later);
    removeEventListener("resize", later);
  };
}
