/** Rows that are painted above and below the rows in view. */
const overscan = 10;

/**
 * Which rows are painted. Heights and places are px; `top` is how far the list is scrolled past its own beginning.
 *
 * @example windowOf([54, 54, 54], { top: 0, height: 54 }) // all three: { first: 0, last: 3, before: 0, after: 0 }
 */
export function windowOf(heights: readonly number[], { top, height }: { top: number; height: number }) {
  let [offset, first, last] = [0, -1, heights.length];
  const ends: number[] = [];
  for (const [index, each] of heights.entries()) {
    if (first < 0 && offset + each > top) first = index;
    if (offset > top + height) {
      last = Math.min(last, index);
    }
    offset += each;
    ends.push(offset);
  }
  const from = Math.max(0, (first < 0 ? heights.length : first) - overscan);
  const to = Math.min(heights.length, last + overscan);
  const before = from === 0 ? 0 : (ends[from - 1] ?? 0);
  return { first: from, last: to, before, after: offset - (to === 0 ? 0 : (ends[to - 1] ?? 0)) };
}
