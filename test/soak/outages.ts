/** ms around an outage in which a report may have met it: a real-time report has 0.5 s, and a machine that starts is slow. */
const margin = 1000;

/** When something was down. */
export class Outages {
  readonly #clock: () => number;
  readonly #all: { from: number; to: number }[] = [];

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  begin(): void {
    this.#all.push({ from: this.#clock(), to: Number.POSITIVE_INFINITY });
  }

  end(): void {
    const last = this.#all.at(-1);
    if (last !== undefined) last.to = this.#clock();
  }

  cover(at: number): boolean {
    return this.#all.some(({ from, to }) => at >= from - margin && at <= to + margin);
  }
}
