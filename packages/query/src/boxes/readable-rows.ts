/**
 * What `read` finds in some rows of boxes, without the rows that it cannot read: one box must not keep others from being
 * listed. A row that `read` leaves out itself is null.
 */
export function readableOf<Row, Found>(
  rows: readonly Row[],
  read: (row: Row) => Found | null,
  onDamaged: (cause: unknown) => void,
): Found[] {
  return rows.flatMap((row) => {
    try {
      return read(row) ?? [];
    } catch (cause) {
      onDamaged(cause);
      return [];
    }
  });
}
