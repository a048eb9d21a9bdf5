import type { Log } from "@gatepost/core/log";
import type { Clock } from "./clock.ts";
import type { Pipelines } from "./pipelines.ts";
import type { Spool } from "./spool/spool.ts";
import { supervise } from "./supervise.ts";

/** ms between two checks for reports that waited too long, and for the reserved room on the disk. */
const expireEveryMs = 60_000;
const glanceEveryMs = 1000;

/**
 * Keeps the spool within its limits, and wakes the senders when another program has written to it. The returned
 * function ends this.
 */
export function upkeep(spool: Spool, pipelines: Pipelines, deps: { clock: Clock; log: Log }): () => Promise<void> {
  const stopped = new AbortController();
  let lost = spool.counts.dropped();
  let isBelieved = true;
  const expire = async () => {
    await spool.expire();
    if (isBelieved && !spool.mayRemove)
      deps.log.warn("the clock has jumped: nothing is removed by its age for a day of running", {
        todo: "set the clock",
      });
    isBelieved = spool.mayRemove;
    const now = spool.counts.dropped();
    if (now > lost)
      deps.log.error("the spool was full, or reports waited too long: they are lost", { reports: now - lost });
    lost = now;
  };
  const glance = () => {
    if (spool.changed()) pipelines.wake();
    return Promise.resolve();
  };
  const every = (ms: number, job: () => Promise<void>) =>
    supervise(
      async (signal) => {
        while (!signal.aborted) {
          await job();
          await deps.clock.sleep(ms, signal);
        }
      },
      deps,
      stopped.signal,
    );
  const jobs = [
    every(expireEveryMs, expire),
    every(expireEveryMs, () => spool.reserveRoom()),
    every(glanceEveryMs, glance),
  ];
  return async () => {
    stopped.abort();
    await Promise.all(jobs);
  };
}
