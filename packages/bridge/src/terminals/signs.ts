import { minuteMs } from "@gatepost/protocol";
import type { Clock } from "../clock.ts";

/** ms between two signs of life of one terminal that are delivered: cameras send such signs every second. */
const signEveryMs = minuteMs;

/** Says which signs of life of a terminal are delivered. */
export class SignsOfLife {
  readonly #clock: Pick<Clock, "now">;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Whether a sign that is received now is delivered. It is then the last one. */
  isDue(): boolean {
    const now = this.#clock.now();
    if (Math.abs(now - this.#lastAt) < signEveryMs) return false;
    this.#lastAt = now;
    return true;
  }
}
