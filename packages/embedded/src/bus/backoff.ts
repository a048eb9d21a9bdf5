import { dayMs, minuteMs } from "@gatepost/protocol";

const first = 1000;
const maxPauseMs = 5 * minuteMs;

/**
 * An entry gets at least so many tries, however old it is: a machine that was off for days has its network only some
 * moments after its start.
 */
const minTries = 5;

/** Most ms for which a target is left alone on its own request. */
const maxAskedMs = 10 * minuteMs;

/**
 * Whole ms to wait after so many tries; no less than the target asks for. Random, so that entries that failed together
 * are not tried again together.
 */
export function pauseAfter(tries: number, random: () => number, askedMs = 0): number {
  const pause = Math.round(Math.min(maxPauseMs, first * 2 ** (tries - 1)) * (0.5 + random() / 2));
  return Math.max(pause, Math.min(Math.ceil(askedMs), maxAskedMs));
}

/** Whether an entry is given up after so many tries, when it has waited for `age` ms. */
export function isExhausted({ age, tries }: { age: number; tries: number }): boolean {
  return age >= dayMs && tries >= minTries;
}

/** An entry is given up when its target has refused it so often, over at least so many ms. */
const refusalsForGood = 3;
const refusedForMs = 10 * minuteMs;

/** Statuses 400–499 that are about the target, its load or its keys, and not about the entry. */
const passingStatuses = new Set([401, 403, 404, 408, 425, 429]);

/** Whether a status says that the target refuses this entry. */
export function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && !passingStatuses.has(status);
}

/**
 * Whether it is time for a try. Nothing waits much longer than ten minutes, unless the clock was set back: a `dueAt`
 * that is further ahead is due now. For example, a machine may start with the time of another zone and be corrected
 * later.
 */
export function isDue(dueAt: number, now: number): boolean {
  return dueAt <= now || dueAt - now > refusedForMs + minuteMs;
}

/** How often an entry was refused, and when (ms since 1970) for the first and last time. */
export interface Refusals {
  count: number;
  first: number;
  last: number;
}

export function isRefusedForGood({ count, first, last }: Refusals): boolean {
  return count >= refusalsForGood && last - first >= refusedForMs;
}

/** When an entry that was refused is tried again: after a minute, and then at the end of the ten minutes. */
export function dueAfterRefusal({ count, first, last }: Refusals): number {
  return count < refusalsForGood - 1 ? last + minuteMs : Math.max(first + refusedForMs, last + minuteMs);
}
