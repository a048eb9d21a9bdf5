import { batchJob, type JobStore } from "@gatepost/api";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { allWaiting } from "../quarantine/waiting.ts";
import { sha256Of } from "../s3/objects.ts";

interface Deps {
  dynamo: Dynamo;
  jobs: Pick<JobStore, "createOnce">;
  clock(): number;
}

/**
 * Makes a job for each long batch that waits and has none. The row of the job is as if its message was lost, so the
 * same sweep sends one. Returns how many jobs were made.
 */
export async function makeBatchJobs({ dynamo, jobs, clock }: Deps): Promise<number> {
  let made = 0;
  for await (const { record, at } of allWaiting(dynamo)) {
    // A batch that waits again after its job has failed has another place in the list.
    const job = batchJob(sha256Of(`${record} ${at}`).slice(0, 24), record, clock());
    made += Number(await jobs.createOnce(job, 0));
  }
  return made;
}
