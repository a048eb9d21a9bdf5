/** Writes that one process may tell apart within a ms, as those of one batch. */
const perMs = 100;

const digits = 15;

/** The moments at which events change, as text that sorts like them. Of one process, no two are the same. */
export class MonotonicClock {
  readonly #clock: () => number;
  #last = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  next(): string {
    this.#last = Math.max(Math.trunc(this.#clock() * perMs), this.#last + 1);
    return textOf(this.#last);
  }
}

/** The first moment of a ms. */
export function sequenceAt(time: number): string {
  return textOf(Math.max(0, Math.trunc(time)) * perMs);
}

/** The ms of a moment, or of a place that begins with one. */
export function timeOf(sequence: string): number {
  return Math.trunc(Number(sequence.slice(0, digits)) / perMs);
}

function textOf(ticks: number): string {
  return String(ticks).padStart(digits, "0");
}
