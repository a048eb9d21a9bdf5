const day = 24 * 60 * 60 * 1000;
const first = 1000;
const maxPauseMs = 5 * 60 * 1000;

/**
 * An entry gets at least so many tries, however old it is: a machine that comes back after days has its network some
 * moments later.
 */
const leastTries = 5;

/** Whole ms to wait after so many tries. Jitter keeps entries that failed together from being tried together again. */
export function pauseAfter(tries: number, random: () => number): number {
  return Math.round(Math.min(maxPauseMs, first * 2 ** (tries - 1)) * (0.5 + random() / 2));
}

/** Whether an entry that has waited for `age` ms is given up after that many tries. */
export function isExhausted({ age, tries }: { age: number; tries: number }): boolean {
  return age >= day && tries >= leastTries;
}
