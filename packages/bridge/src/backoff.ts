const first = 500;
const maxPauseMs = 60_000;

/**
 * How long to wait before the next try. The wait doubles every time and is shortened at random, so that boxes do not
 * try all at once.
 */
export class Backoff {
  readonly #random: () => number;
  #tries = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  succeeded(): void {
    this.#tries = 0;
  }

  /** Counts a failure. Returns the ms to wait, at least `atLeast`. */
  failed(atLeast = 0): number {
    const maxMs = Math.min(maxPauseMs, first * 2 ** Math.min(this.#tries, 10));
    this.#tries += 1;
    return Math.max(atLeast, maxMs * (0.5 + this.#random() / 2));
  }
}
