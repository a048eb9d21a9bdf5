import { computed, signal } from "@preact/signals";

/** ms since 1970 by this browser's clock, each second while the page is looked at: for what the page itself waits for. */
export const here = signal(Date.now());
/** ms by which this browser's clock is ahead of the server's. */
const ahead = signal(0);
/** The same moment by the server's clock: all times of events, boxes and keys are of that, and so is how long ago. */
export const now = computed(() => here.value - ahead.value);

/** ms since 1970 by the server's clock, at this moment. */
export const serverTime = () => Date.now() - ahead.peek();

/** What is no more than this may be the way of an answer. */
const mostAwayMs = 2000;

/** Notes what the server's clock said while it answered. Both are ms since 1970, `at` of this browser's clock. */
export function noteServerTime(time: number, at: number): void {
  const by = at - time;
  ahead.value = Math.abs(by) > mostAwayMs ? by : 0;
}

const askAgainMs = 5000;

/**
 * Lets the time go on. Where somebody sets this browser's clock meanwhile, or it slept, the server's time is asked again.
 *
 * @param askTime has `noteServerTime` called; rejects where no answer comes
 */
export function runClock(askTime: () => Promise<unknown>): void {
  let [date, running, askAt] = [Date.now(), performance.now(), Number.POSITIVE_INFINITY];
  const tick = () => {
    const [dateNow, runningNow] = [Date.now(), performance.now()];
    if (Math.abs(dateNow - date - (runningNow - running)) > mostAwayMs) askAt = runningNow;
    [date, running] = [dateNow, runningNow];
    here.value = dateNow;
    if (running < askAt) return;
    askAt = running + askAgainMs;
    askTime().then(
      () => {
        askAt = Number.POSITIVE_INFINITY;
      },
      // It is asked again.
      () => null,
    );
  };
  setInterval(() => {
    if (!document.hidden) tick();
  }, 1000);
  document.addEventListener("visibilitychange", tick);
}
