const first = 500;
const maxPauseMs = 60_000;

/** How long to wait before the next try: longer every time, by chance shorter, so that not all boxes come at once. */
export class Backoff {
  readonly #random: () => number;
  #tries = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  succeeded(): void {
    this.#tries = 0;
  }

  /** ms to wait now, at least as long as was asked for. */
  failed(atLeast = 0): number {
    const maxMs = Math.min(maxPauseMs, first * 2 ** Math.min(this.#tries, 10));
    this.#tries += 1;
    return Math.max(atLeast, maxMs * (0.5 + this.#random() / 2));
  }
}
