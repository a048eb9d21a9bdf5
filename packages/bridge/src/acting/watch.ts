import { minuteMs } from "@gatepost/protocol";

/**
 * ms by which the time in the head of an answer may be too old: it is in whole seconds, and servers update it once a
 * second.
 */
const staleMs = 2000;

/**
 * With so many ms between two looks, another bridge may have replaced this one meanwhile, for example while its machine
 * slept.
 */
const gapMs = 5 * minuteMs;

/**
 * Knows since when this bridge has seen every order for its boxes, and still remembers them. All times are the cloud's.
 */
export class Watch {
  #since: number | null = null;
  #lookedAt: number | null = null;

  /**
   * Call this at each look, before its orders are taken.
   *
   * @param at when the cloud answered, ms; null if it does not say
   * @returns since when this bridge has received every order, ms; null if that is not known
   */
  look(at: number | null): number | null {
    const isGap = at === null || this.#lookedAt === null || Math.abs(at - this.#lookedAt) > gapMs;
    if (isGap) this.#since = null;
    const since = this.#since;
    this.#lookedAt = at;
    if (at !== null) this.#since ??= at + staleMs;
    return since;
  }

  /** A look failed, or earlier tasks were forgotten. */
  end(): void {
    this.#since = null;
  }
}
