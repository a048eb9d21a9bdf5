import { dayMs } from "@gatepost/protocol";

function areNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= dayMs;
}

/**
 * Decides which times of a box are used to follow it. A time far from the bridge's clock counts only if the one before
 * agrees: a box's clock may always be wrong, but one event must not set the resume mark.
 */
export class PlausibleTimes {
  readonly #now: () => number;
  #last: number | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  accepts(at: number): boolean {
    const last = this.#last;
    this.#last = at;
    return areNear(at, this.#now()) || (last !== null && areNear(at, last));
  }
}

/** The latest of sorted times that may serve as the end of the span read; null if none may. Past times are safe. */
export function latestPlausible(times: readonly number[], now: number): number | null {
  const found = times.findLast((at, index) => {
    const before = times[index - 1];
    return at <= now + dayMs || (before !== undefined && areNear(at, before));
  });
  return found ?? null;
}
