import type { Log } from "@gatepost/ingest";
import type { Clock } from "./clock.ts";

/** ms before what was interrupted goes on. */
const pause = 1000;

/** Runs a job until it is done or the signal aborts: a full disk or a bug in one must not end the others, nor itself for good. */
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
