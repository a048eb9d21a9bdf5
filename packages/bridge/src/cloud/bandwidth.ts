import type { Clock } from "../clock.ts";

/** Limits what all boxes send together to so many bytes a second. At most the bytes of one second may be sent ahead. */
export class Bandwidth {
  readonly #perSecond: number;
  readonly #clock: Clock;
  /** The time at which everything that may be sent so far is sent, at that rate. */
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
    // A clock that was set back must not stop the bridge for long.
    const wait = Math.min(begin - now, 600_000);
    if (wait > 0) await this.#clock.sleep(wait, signal);
  }
}
