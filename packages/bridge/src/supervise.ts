import type { Log } from "@gatepost/core/log";
import type { Clock } from "./clock.ts";

/** ms until an interrupted job is started again. It doubles each time, until the job has run for a while. */
const firstPauseMs = 1000;
const maxPauseMs = 60_000;

/**
 * Runs a job until it is done or the signal aborts. A job that throws, for example on a full disk, is started again and
 * does not end the others.
 */
export async function supervise(
  job: (signal: AbortSignal) => Promise<void>,
  { clock, log }: { clock: Clock; log: Log },
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    const startedAt = clock.now();
    try {
      await job(signal);
      return;
    } catch (cause) {
      log.error("interrupted, going on", { cause });
      if (clock.now() - startedAt > maxPauseMs) pauseMs = firstPauseMs;
      await clock.sleep(pauseMs, signal);
      pauseMs = Math.min(maxPauseMs, pauseMs * 2);
    }
  }
}
