import type { Log } from "@gatepost/ingest";
import { minuteMs } from "@gatepost/protocol";

/**
 * Says in the log, at most once a minute, that connections were closed because there were too many. The returned function
 * is to be called for each of them.
 */
export function sayingClosed({ log, clock }: { log: Log; clock(): number }): (limit: number) => void {
  let closed = 0;
  let saidAt = Number.NEGATIVE_INFINITY;
  return (limit) => {
    closed += 1;
    const now = clock();
    // The absolute value, because the clock may be set back.
    if (Math.abs(now - saidAt) < minuteMs) return;
    log.warn("too many connections: the oldest ones without a key, or of readers, are closed", {
      limit,
      closed,
      todo: "raise the limit of open files (LimitNOFILE, ulimit -n), or look at who connects",
    });
    [closed, saidAt] = [0, now];
  };
}
