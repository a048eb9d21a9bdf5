import { dayMs } from "@gatepost/protocol";

function areNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= dayMs;
}

/**
 * Tells by which times of a box it is followed. One that is far from the bridge's time counts only where the one before
 * agrees: a clock may be wrong all the time, and a single event must not say where the bridge goes on reading.
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

/** The latest of sorted times up to which a memory was read; null where none can be. What is past is no risk. */
export function latestPlausible(times: readonly number[], now: number): number | null {
  const found = times.findLast((at, index) => {
    const before = times[index - 1];
    return at <= now + dayMs || (before !== undefined && areNear(at, before));
  });
  return found ?? null;
}
