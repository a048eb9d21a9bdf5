/** How many places, of those that are taken next, are drawn grey. */
const leaving = 3;

/**
 * The place that the next passing takes: the one behind the newest, in reading order, or the next one that is not held.
 * Null if all are held.
 *
 * @param at the newest place; -1 if there is none yet
 */
export function nextPlace(at: number, size: number, isHeld: (place: number) => boolean): number | null {
  for (let step = 1; step <= size; step++) {
    const place = (at + step) % size;
    if (!isHeld(place)) return place;
  }
  return null;
}

/** Whether a place is among the next to be taken. A ring with hardly more places has none. */
export function isLeaving(place: number, at: number, size: number): boolean {
  if (size < leaving * 3 || at < 0) return false;
  const ahead = (place - at + size) % size;
  return ahead >= 1 && ahead <= leaving;
}

/** The newest events in places, the oldest first, so that the next one takes the first place. */
export function filled<Item>(newestFirst: readonly Item[], size: number): { places: (Item | null)[]; at: number } {
  const taken = newestFirst.slice(0, size).reverse();
  const places = Array.from({ length: size }, (_, place) => taken[place] ?? null);
  return { places, at: taken.length - 1 };
}

export interface Grid {
  columns: number;
  rows: number;
}

/** Columns and rows that fit. All are px; a place is at least `least` wide and as high as `heightOf` says. */
export function fit(
  width: number,
  height: number,
  { least, gap, heightOf }: { least: number; gap: number; heightOf(width: number): number },
): Grid {
  const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
  const each = (width - gap * (columns - 1)) / columns;
  const rows = Math.max(1, Math.floor((height + gap) / (heightOf(each) + gap)));
  return { columns, rows };
}

/** How many times as high as wide a face is: it is neither flat nor a strip. */
const [flattest, tallest] = [0.8, 1.25];

/**
 * The grid of a screen: of all whole numbers of columns and rows that fill it with faces of at least `least` px in both
 * directions, 0.8 to 1.25 times as high as wide, the one with the most places. If there is none, the shape of the faces
 * gives way; one place if not even a single face is so large. All are px; `below` is the height of the text of a place.
 */
export function fitFaces(
  width: number,
  height: number,
  { least, gap, below }: { least: number; gap: number; below: number },
): Grid {
  const each = (whole: number, count: number) => (whole - gap * (count - 1)) / count;
  const maxFitting = (whole: number, one: number) => Math.max(0, Math.floor((whole + gap) / (one + gap)));
  let best = { columns: 1, rows: 1, fault: Number.POSITIVE_INFINITY };
  for (let rows = 1; rows <= maxFitting(height, least + below); rows++) {
    for (let columns = 1; columns <= maxFitting(width, least); columns++) {
      const shape = (each(height, rows) - below) / each(width, columns);
      const fault = Math.max(1, flattest / shape, shape / tallest);
      const isFuller = fault === best.fault && columns * rows > best.columns * best.rows;
      if (fault < best.fault || isFuller) best = { columns, rows, fault };
    }
  }
  return { columns: best.columns, rows: best.rows };
}
