import { dayMs } from "@gatepost/protocol";
import type { Clock } from "../clock.ts";

/** ms: a timer of more than 24 days would end at once. */
const maxWaitMs = dayMs;

/** Limits what all boxes send together to so many bytes a second. At most the bytes of one second may be sent ahead. */
export class Bandwidth {
  readonly #perSecond: number;
  readonly #clock: Clock;
  /** The time at which everything that may be sent so far is sent, at that rate. */
  #until = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** @param perSecond Infinity for no bound */
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

  /** The time. Where the clock was set back, so is what may be sent: else all boxes would wait until it is as late again. */
  #now(): number {
    const now = this.#clock.now();
    this.#until -= Math.max(0, this.#last - now);
    this.#last = now;
    return now;
  }
}
