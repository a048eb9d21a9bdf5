import { computed, signal } from "@preact/signals";

/** ms since 1970 by this browser's clock, each second while the page is looked at: for what the page itself waits for. */
export const here = signal(Date.now());
/** ms by which this browser's clock is ahead of the server's. */
const ahead = signal(0);
/** The same moment by the server's clock: all times of events, boxes and keys are of that, and so is how long ago. */
export const now = computed(() => here.value - ahead.value);

/** ms by which this browser's clock is ahead of the server's, as far as it is known. */
export const clockAhead = () => ahead.peek();

/** ms since 1970 by the server's clock, at this moment. */
export const serverTime = () => Date.now() - ahead.peek();

/** A difference up to this may be the time of the answer's way. */
const maxAwayMs = 2000;

/** Notes what the server's clock said while it answered. Both are ms since 1970, `at` of this browser's clock. */
export function noteServerTime(time: number, at: number): void {
  const by = at - time;
  ahead.value = Math.abs(by) > maxAwayMs ? by : 0;
}

const askAgainMs = 5000;

/**
 * Runs the clock. When the user sets this browser's clock, or after sleep, it asks for the server's time again.
 *
 * @param askTime calls `noteServerTime`; rejects if no answer arrives
 */
export function runClock(askTime: () => Promise<unknown>): void {
  const isSet = clockWatch();
  let askAt = Number.POSITIVE_INFINITY;
  const ask = () => {
    askAt = performance.now() + askAgainMs;
    askTime().then(
      () => {
        askAt = Number.POSITIVE_INFINITY;
      },
      // It is asked again.
      () => null,
    );
  };
  const tick = () => {
    here.value = Date.now();
    if (isSet() || performance.now() >= askAt) ask();
  };
  setInterval(() => {
    if (!document.hidden) tick();
  }, 1000);
  document.addEventListener("visibilitychange", tick);
}

/** Returns a function that says whether this browser's clock was set, or slept, since its last call. */
function clockWatch(): () => boolean {
  const between = () => Date.now() - performance.now();
  let last = between();
  return () => {
    const [before, now] = [last, between()];
    last = now;
    return Math.abs(now - before) > maxAwayMs;
  };
}
