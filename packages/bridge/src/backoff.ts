const first = 500;
const maxPauseMs = 60_000;

/**
 * The wait before the next try. It doubles each time and is shortened at random, so that boxes do not all try at once.
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
