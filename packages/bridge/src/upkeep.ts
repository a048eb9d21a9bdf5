import type { Log } from "@gatepost/ingest";
import type { Clock } from "./clock.ts";
import { keptUp } from "./supervise.ts";
import type { Lines } from "./pipelines.ts";
import type { Spool } from "./spool/spool.ts";

/** ms between two looks at what waited too long, and at whether another program has changed the spool. */
const expireEvery = 60_000;
const glanceEvery = 1000;

/** Keeps the spool within its bounds, and wakes who sends when another program put something into it. Returns what ends it. */
export function upkeep(spool: Spool, lines: Lines, on: { clock: Clock; log: Log }): () => Promise<void> {
  const stopped = new AbortController();
  let lost = spool.counts.dropped();
  const expire = async () => {
    await spool.expire();
    const now = spool.counts.dropped();
    if (now > lost)
      on.log.error("the spool was full, or reports waited too long: they are lost", { reports: now - lost });
    lost = now;
  };
  const glance = () => {
    if (spool.changed()) lines.wake();
    return Promise.resolve();
  };
  const every = (ms: number, job: () => Promise<void>) =>
    keptUp(
      async (signal) => {
        while (!signal.aborted) {
          await job();
          await on.clock.sleep(ms, signal);
        }
      },
      on,
      stopped.signal,
    );
  const jobs = [every(expireEvery, expire), every(glanceEvery, glance)];
  return async () => {
    stopped.abort();
    await Promise.all(jobs);
  };
}
