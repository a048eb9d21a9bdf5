import type { Clock } from "../clock.ts";

/** Keeps what all boxes send together under so many bytes a second, a second's worth ahead at most. */
export class Bandwidth {
  readonly #perSecond: number;
  readonly #clock: Clock;
  /** When all that was let through is sent at that rate. */
  #until = 0;

  /** @param perSecond Infinity for no bound */
  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Resolves when `bytes` may be sent. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const begin = Math.max(this.#until, now - 1000);
    this.#until = begin + (bytes / this.#perSecond) * 1000;
    // A clock that was set back must not stop everything.
    const wait = Math.min(begin - now, 600_000);
    if (wait > 0) await this.#clock.sleep(wait, signal);
  }
}
