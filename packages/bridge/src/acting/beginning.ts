import type { Log } from "@gatepost/core/log";
import type { Clock } from "../clock.ts";
import { supervise } from "../supervise.ts";
import { whyOf } from "../why.ts";
import type { RunningActing } from "./acting.ts";

/**
 * Starts acting, and tries again if that fails, for example if a file cannot be opened. Reports are delivered
 * meanwhile, and the status gives the reason.
 */
export function beginning(begin: () => RunningActing, options: { clock: Clock; log: Log }): RunningActing {
  const stopped = new AbortController();
  let running: RunningActing | null = null;
  let failure: string | null = null;
  const job = supervise(
    async () => {
      try {
        running = begin();
      } catch (error) {
        failure = `The bridge cannot begin to act, and tries again: ${whyOf(error)}.`;
        throw error;
      }
    },
    options,
    stopped.signal,
  );
  return {
    status: () => running?.status() ?? { waiting: 0, lastError: failure, keyProblem: null, damage: null },
    async stop() {
      stopped.abort();
      await job;
      await running?.stop();
    },
  };
}
