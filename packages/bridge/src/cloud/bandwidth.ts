import { dayMs } from "@gatepost/protocol";
import type { Clock } from "../clock.ts";

/** ms. A timer of more than 24 days would fire at once. */
const maxWaitMs = dayMs;

/** Limits how many bytes a second all boxes together send. At most the bytes of one second may be sent ahead. */
export class Bandwidth {
  readonly #perSecond: number;
  readonly #clock: Clock;
  /** The time at which everything admitted so far is sent, at that rate. */
  #until = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** @param perSecond bytes; Infinity for no limit */
  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** Resolves when `bytes` may be sent. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const now = this.#now();
    const begin = Math.max(this.#until, now - 1000);
    this.#until = begin + (bytes / this.#perSecond) * 1000;
    if (begin <= now) return;
    await this.#clock.sleep(Math.min(begin - now, maxWaitMs), signal);
    this.#now();
  }

  /**
   * The present time. If the clock was set back, `#until` is too: otherwise all boxes would wait until the old time is
   * reached again.
   */
  #now(): number {
    const now = this.#clock.now();
    this.#until -= Math.max(0, this.#last - now);
    this.#last = now;
    return now;
  }
}
