/** ms around an outage in which a report may have met it: a real-time report has 0.5 s, and a machine that starts is slow. */
const margin = 1000;

/** When something was down. */
export class Outages {
  readonly #clock: () => number;
  readonly #all: { from: number; to: number }[] = [];

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts as down for as long as this takes. */
  async during(trouble: () => Promise<void>): Promise<void> {
    const outage = { from: this.#clock(), to: Number.POSITIVE_INFINITY };
    this.#all.push(outage);
    await trouble();
    outage.to = this.#clock();
  }

  /** Was down from then until then, ms since 1970. */
  note(from: number, to: number): void {
    this.#all.push({ from, to });
  }

  cover(at: number): boolean {
    return this.#all.some(({ from, to }) => at >= from - margin && at <= to + margin);
  }
}
