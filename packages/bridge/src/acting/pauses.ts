import { maxPauseMs, pauseMs } from "../backoff.ts";

/** ms until the first other try of a task. */
export const firstPauseMs = 1000;

/** Remembers in memory the tasks that must not be tried yet, for when a full disk prevents noting it. */
export class Pauses {
  readonly #random: () => number;
  readonly #paused = new Map<string, { until: number; tries: number }>();

  constructor(random: () => number) {
    this.#random = random;
  }

  pause(ref: string, now: number): void {
    const tries = this.#paused.get(ref)?.tries ?? 0;
    this.#paused.set(ref, { until: now + pauseMs(firstPauseMs, tries, this.#random), tries: tries + 1 });
  }

  end(ref: string): void {
    this.#paused.delete(ref);
  }

  /** The refs that must wait at `now`. A pause that seems longer than the longest is over: the clock was set back. */
  refs(now: number): string[] {
    const isPaused = ({ until }: { until: number }) => until > now && until - now <= maxPauseMs;
    return [...this.#paused].filter(([, pause]) => isPaused(pause)).map(([ref]) => ref);
  }

  /** ms until the first pause is over, the longest pause at most. */
  restMs(now: number): number {
    const untils = this.refs(now).map((ref) => this.#paused.get(ref)?.until ?? 0);
    return Math.min(maxPauseMs, ...untils.map((until) => until - now));
  }
}
