import type { Log } from "@gatepost/ingest";
import type { Clock } from "./clock.ts";

/** ms until an interrupted job is started again. */
const pause = 1000;

/**
 * Runs a job until it is done or the signal aborts. A job that throws, as on a full disk, is started again and does not
 * end the others.
 */
export async function supervise(
  job: (signal: AbortSignal) => Promise<void>,
  { clock, log }: { clock: Clock; log: Log },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await job(signal);
      return;
    } catch (cause) {
      log.error("interrupted, going on", { cause });
      await clock.sleep(pause, signal);
    }
  }
}
