import { GatepostError } from "@gatepost/core/errors";
import { hasEnded } from "@gatepost/core/jobs";
import type { JobDeps, SliceLimits } from "../ports.ts";
import { notBefore } from "../quarantine/replay.ts";
import { type Job, queueJob } from "./job.ts";
import { runSlice, toAskAgain } from "./run.ts";

/** Small slices: if the process ends, the receipt of an erasure lacks at most the pictures of one. */
const limits: SliceLimits = { events: 500, records: 20, bytes: 0 };

/**
 * Does a stored job for a request, and returns the job. The queue of jobs continues it if a slice fails, the job pauses,
 * `ms` are over, or the process ends. Throws GatepostError conflict if the job has failed or was stopped.
 */
export async function doNow(id: string, deps: JobDeps, ms = Number.POSITIVE_INFINITY): Promise<Job> {
  const { queue, store } = deps.jobs;
  const until = deps.clock() + ms;
  let job: Job | null = null;
  try {
    for (let isDue = true; isDue; ) {
      const hasMore = await queue.alone(id, () => runSlice(id, deps, limits));
      job = await store.get(id);
      const now = deps.clock();
      isDue = hasMore && job !== null && now < until && notBefore(job, now) <= now;
    }
  } finally {
    if (job === null || !hasEnded(job)) await queueJob(id, deps);
  }
  if (job !== null && (job.state === "done" || !hasEnded(job))) return job;
  throw new GatepostError("conflict", job?.reason ?? toAskAgain("the job was stopped"));
}
