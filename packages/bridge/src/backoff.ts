export const maxPauseMs = 60_000;
const firstPauseMs = 500;

/**
 * ms until the next try after `tries` failed ones: the first pause, doubled each time, and shortened at random, so that
 * boxes do not all try at once. A minute at most.
 */
export function pauseMs(firstMs: number, tries: number, random: () => number): number {
  return Math.min(maxPauseMs, firstMs * 2 ** Math.min(tries, 10)) * (0.5 + random() / 2);
}

/** The pauses between the tries of one sender or follower. */
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
    const waitMs = pauseMs(firstPauseMs, this.#tries, this.#random);
    this.#tries += 1;
    return Math.max(atLeast, waitMs);
  }
}
