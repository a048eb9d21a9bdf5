import type { Log } from "@gatepost/core/log";
import { minuteMs } from "@gatepost/protocol";

/**
 * Returns a function to call for each connection that is closed because there are too many. It says so in the log, at
 * most once a minute.
 */
export function closedConnectionsLog({ log, clock }: { log: Log; clock(): number }): (limit: number) => void {
  let closed = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;
  return (limit) => {
    closed += 1;
    const now = clock();
    // The absolute value, because the clock may be set back.
    if (Math.abs(now - loggedAt) < minuteMs) return;
    log.warn("too many connections: the oldest ones without a key, or of readers, are closed", {
      limit,
      closed,
      todo: "raise the limit of open files (LimitNOFILE, ulimit -n), or look at who connects",
    });
    [closed, loggedAt] = [0, now];
  };
}
