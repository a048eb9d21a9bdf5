import { GatepostError } from "@gatepost/core/errors";
import type * as z from "zod";
import type { JobDeps, SliceLimits } from "../ports.ts";
import { receipt } from "./erase.ts";
import { runSlice, toAskAgain } from "./run.ts";

/** Small slices: if the process ends, its receipt lacks at most the pictures of one. */
const limits: SliceLimits = { events: 500, records: 20, bytes: 0 };

/**
 * Does a stored erasure to its end, and returns its receipt. If that fails, or the process ends, the queue of jobs
 * continues it. Throws GatepostError conflict if the job has failed or was stopped.
 */
export async function eraseNow(id: string, deps: JobDeps): Promise<z.output<typeof receipt>> {
  const { queue, store } = deps.jobs;
  try {
    while (await queue.alone(id, () => runSlice(id, deps, limits)));
  } catch (error) {
    await queue
      .push(id)
      .catch((cause: unknown) => deps.log.warn("could not start a job, it is started later", { id, cause }));
    throw error;
  }
  const job = await store.get(id);
  if (job?.state === "done") return receipt.parse(job.result);
  throw new GatepostError("conflict", job?.reason ?? toAskAgain("the erasure was stopped"));
}
