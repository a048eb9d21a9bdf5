import { minuteMs } from "@gatepost/protocol";

/** ms by which the time in the head of an answer may be too old: it has whole seconds, and servers renew it once in one. */
const staleMs = 2000;

/** ms between two looks from which on another bridge may have stood in for this one, as while its machine slept. */
const gapMs = 5 * minuteMs;

/** Knows since when this bridge has seen every order for its boxes, and still knows of it. All times are the cloud's. */
export class Watch {
  #since: number | null = null;
  #lookedAt: number | null = null;

  /**
   * To be called at each look, before what came by it is taken.
   *
   * @param at when the cloud answered, ms; null where it does not say
   * @returns since when nothing can have been ordered that did not come here, ms; null where that is not known
   */
  look(at: number | null): number | null {
    const isGap = at === null || this.#lookedAt === null || Math.abs(at - this.#lookedAt) > gapMs;
    if (isGap) this.#since = null;
    const since = this.#since;
    this.#lookedAt = at;
    if (at !== null) this.#since ??= at + staleMs;
    return since;
  }

  /** A look failed, or what came before is forgotten. */
  end(): void {
    this.#since = null;
  }
}
