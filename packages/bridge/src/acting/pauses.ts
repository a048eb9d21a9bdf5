const firstPauseMs = 1000;
export const maxPauseMs = 60_000;

/** ms until something is tried again: twice as long every time, by chance shorter. */
export function pauseMs(tries: number, random: () => number): number {
  return Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(tries, 10)) * (0.5 + random() / 2);
}

/** What is not to be tried yet, where the disk did not take even that: it is remembered as long as the bridge runs. */
export class Pauses {
  readonly #random: () => number;
  readonly #paused = new Map<string, { until: number; tries: number }>();

  constructor(random: () => number) {
    this.#random = random;
  }

  pause(ref: string, now: number): void {
    const tries = this.#paused.get(ref)?.tries ?? 0;
    this.#paused.set(ref, { until: now + pauseMs(tries, this.#random), tries: tries + 1 });
  }

  end(ref: string): void {
    this.#paused.delete(ref);
  }

  /** What pauses at `now`. No pause is longer than the longest, unless the clock was set back. */
  refs(now: number): string[] {
    const isPaused = ({ until }: { until: number }) => until > now && until - now <= maxPauseMs;
    return [...this.#paused].filter(([, pause]) => isPaused(pause)).map(([ref]) => ref);
  }

  /** ms until the first of them is over, the longest pause at most. */
  restMs(now: number): number {
    const untils = this.refs(now).map((ref) => this.#paused.get(ref)?.until ?? 0);
    return Math.min(maxPauseMs, ...untils.map((until) => until - now));
  }
}
