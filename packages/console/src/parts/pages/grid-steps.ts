/** A cell by its row and the place of its day. */
export interface Place {
  row: number;
  column: number;
}

const steps: Record<string, Place> = {
  ArrowUp: { row: -1, column: 0 },
  ArrowDown: { row: 1, column: 0 },
  ArrowLeft: { row: 0, column: -1 },
  ArrowRight: { row: 0, column: 1 },
  Home: { row: 0, column: Number.NEGATIVE_INFINITY },
  End: { row: 0, column: Number.POSITIVE_INFINITY },
  PageUp: { row: -10, column: 0 },
  PageDown: { row: 10, column: 0 },
};

/** The cell to which a key leads; null if it leads to none. */
export function steppedPlace(
  key: string,
  at: Place,
  { rows, columns }: { rows: number; columns: number },
): Place | null {
  const by = steps[key];
  if (by === undefined) return null;
  const within = (place: number, count: number) => Math.min(count - 1, Math.max(0, place));
  return { row: within(at.row + by.row, rows), column: within(at.column + by.column, columns) };
}
