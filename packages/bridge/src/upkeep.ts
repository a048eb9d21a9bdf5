import type { Log } from "@gatepost/ingest";
import type { Clock } from "./clock.ts";
import type { Pipelines } from "./pipelines.ts";
import type { Spool } from "./spool/spool.ts";
import { supervise } from "./supervise.ts";

/** ms between two looks at what waited too long, and at whether another program has changed the spool. */
const expireEvery = 60_000;
const glanceEvery = 1000;

/** Keeps the spool within its bounds, and wakes who sends when another program put something into it. Returns what ends it. */
export function upkeep(spool: Spool, pipelines: Pipelines, deps: { clock: Clock; log: Log }): () => Promise<void> {
  const stopped = new AbortController();
  let lost = spool.counts.dropped();
  const expire = async () => {
    await spool.expire();
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
  const jobs = [every(expireEvery, expire), every(glanceEvery, glance)];
  return async () => {
    stopped.abort();
    await Promise.all(jobs);
  };
}
