/** ms by which the clocks of two processes may differ. */
export const skewMs = 5000;

/** How many writes within one ms a process can order, for example the writes of a batch. */
const perMs = 100;

const digits = 15;

/**
 * Gives each write a sequence: its time as text that sorts like the time. One process never gives the same sequence
 * twice.
 */
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

/** The lowest sequence of a ms. */
export function sequenceAt(time: number): string {
  return textOf(Math.max(0, Math.trunc(time)) * perMs);
}

/** The time in ms of a sequence, or of a cursor that begins with one. */
export function timeOf(sequence: string): number {
  return Math.trunc(Number(sequence.slice(0, digits)) / perMs);
}

function textOf(ticks: number): string {
  return String(ticks).padStart(digits, "0");
}
