import { type Signal, signal } from "@preact/signals";

interface Row {
  id: string;
}

/** The rows of a list that a user has chosen, to act on all of them. */
export class ChosenRows<Of extends Row> {
  readonly #rows: Signal<ReadonlyMap<string, Of>> = signal(new Map());
  /** The row from which a range begins. */
  #last: string | null = null;

  get all(): readonly Of[] {
    return [...this.#rows.value.values()];
  }

  has(id: string): boolean {
    return this.#rows.value.has(id);
  }

  /** Chooses a row, or no longer. A range takes all rows of the list from the last one, as this one becomes. */
  toggle(row: Of, list: readonly Of[], isRange: boolean): void {
    const isOn = !this.#rows.peek().has(row.id);
    const from = list.findIndex(({ id }) => id === this.#last);
    const to = list.findIndex(({ id }) => id === row.id);
    const meant = isRange && from >= 0 && to >= 0 ? list.slice(Math.min(from, to), Math.max(from, to) + 1) : [row];
    this.#last = row.id;
    const rows = new Map(this.#rows.peek());
    for (const row of meant) {
      if (isOn) rows.set(row.id, row);
      else rows.delete(row.id);
    }
    this.#rows.value = rows;
  }

  choose(rows: readonly Of[]): void {
    this.#rows.value = new Map(rows.map((row) => [row.id, row]));
  }

  clear(): void {
    this.#last = null;
    if (this.#rows.peek().size > 0) this.#rows.value = new Map();
  }
}
