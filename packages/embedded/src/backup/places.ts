/** A part of the pack of a month. */
export interface PackPart {
  month: string;
  position: number;
  bytes: number;
}

/** The parts of packs between pictures, in the order of their places. */
export function* gapsBetween(rows: Iterable<PackPart>): Iterable<PackPart> {
  let [currentMonth, end] = ["", 0];
  for (const { month, position, bytes } of rows) {
    if (month !== currentMonth) [currentMonth, end] = [month, 0];
    if (position > end) yield { month, position: end, bytes: position - end };
    end = Math.max(end, position + bytes);
  }
}

/** The parts of `places` that `kept` does not cover. Both are in the order of their places, and may have overlaps. */
export function* uncovered(places: Iterable<PackPart>, kept: Iterable<PackPart>): Iterable<PackPart> {
  const covers = joined(kept)[Symbol.iterator]();
  let cover = covers.next();
  for (const place of joined(places)) {
    let rest: PackPart | null = place;
    while (rest !== null && cover.done !== true && beginsBeforeEnd(cover.value, rest)) {
      const { before, after } = without(rest, cover.value);
      if (before !== null) yield before;
      rest = after;
      // A cover that ends after this place may also cover a part of the next one.
      if (rest !== null) cover = covers.next();
    }
    if (rest !== null) yield rest;
  }
}

function beginsBeforeEnd(cover: PackPart, { month, position, bytes }: PackPart): boolean {
  return cover.month === month ? cover.position < position + bytes : cover.month < month;
}

function without(place: PackPart, cover: PackPart): { before: PackPart | null; after: PackPart | null } {
  if (cover.month !== place.month) return { before: null, after: place };
  return {
    before: between(place, place.position, cover.position),
    after: between(place, Math.max(place.position, cover.position + cover.bytes), place.position + place.bytes),
  };
}

function between({ month }: PackPart, from: number, to: number): PackPart | null {
  return from < to ? { month, position: from, bytes: to - from } : null;
}

/** The same parts, with adjacent ones joined. */
function* joined(places: Iterable<PackPart>): Iterable<PackPart> {
  let last: PackPart | null = null;
  for (const { month, position, bytes } of places) {
    if (last !== null && last.month === month && position <= last.position + last.bytes) {
      last.bytes = Math.max(last.bytes, position + bytes - last.position);
      continue;
    }
    if (last !== null) yield last;
    last = { month, position, bytes };
  }
  if (last !== null) yield last;
}
