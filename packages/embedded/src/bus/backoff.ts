import { dayMs, minuteMs } from "@gatepost/protocol";

const first = 1000;
const maxPauseMs = 5 * minuteMs;

/**
 * An entry gets at least so many tries, however old it is: a machine that comes back after days has its network some
 * moments later.
 */
const leastTries = 5;

/** ms for which a target is left alone at most, where it asks for that. */
const maxAskedMs = 10 * minuteMs;

/**
 * Whole ms to wait after so many tries, and no less than the target asks for. Jitter keeps entries that failed together
 * from being tried together again.
 */
export function pauseAfter(tries: number, random: () => number, askedMs = 0): number {
  const pause = Math.round(Math.min(maxPauseMs, first * 2 ** (tries - 1)) * (0.5 + random() / 2));
  return Math.max(pause, Math.min(Math.ceil(askedMs), maxAskedMs));
}

/** Whether an entry that has waited for `age` ms is given up after that many tries. */
export function isExhausted({ age, tries }: { age: number; tries: number }): boolean {
  return age >= dayMs && tries >= leastTries;
}

/** An entry is refused for good when its target has refused it so often, over so many ms. */
const refusalsForGood = 3;
const refusedForMs = 10 * minuteMs;

/** Statuses 400–499 that tell of the target, its load or its keys, and not of the entry. */
const passingStatuses = new Set([401, 403, 404, 408, 425, 429]);

/** Whether a status says that the target does not take this one entry. */
export function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && !passingStatuses.has(status);
}

/**
 * Whether it is time for a try. Nothing waits for longer than ten minutes and a little, unless the clock was set back since: as
 * where a machine begins with the time of another zone, and hears the right one later.
 */
export function isDue(dueAt: number, now: number): boolean {
  return dueAt <= now || dueAt - now > refusedForMs + minuteMs;
}

/** How often an entry was refused, and when (ms since 1970) for the first and the last time. */
export interface Refusals {
  count: number;
  first: number;
  last: number;
}

export function isRefusedForGood({ count, first, last }: Refusals): boolean {
  return count >= refusalsForGood && last - first >= refusedForMs;
}

/** When an entry that was refused is tried again: after a minute, and then when the ten minutes are over. */
export function dueAfterRefusal({ count, first, last }: Refusals): number {
  return count < refusalsForGood - 1 ? last + minuteMs : Math.max(first + refusedForMs, last + minuteMs);
}
