import type { Log } from "@gatepost/ingest";

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

/** Logs that the status of a box cannot be read. Each is logged once, because it is read again and again. */
export class DamagedStatusLog {
  readonly #log: Log;
  readonly #logged = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  note(cause: unknown): void {
    const which = String(cause);
    if (this.#logged.has(which)) return;
    this.#logged.add(which);
    this.#log.error("the last status of a box cannot be read, and counts as missing", { cause });
  }
}
