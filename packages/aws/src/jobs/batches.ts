import { toStoredJson } from "@gatepost/protocol";
import { batchJob, jobLifetimeMs, storedJob } from "@gatepost/query";
import { ttlAt } from "../dynamo/expiry.ts";
import { indexKey } from "../dynamo/index-keys.ts";
import * as lists from "../dynamo/lists.ts";
import { allWaiting } from "../quarantine/waiting.ts";
import { sha256Of } from "../s3/objects.ts";
import { rowOf, type StoredJobs } from "./rows.ts";

/**
 * Makes a job for each long batch that waits and has none. The row of the job is as if its message was lost, so the
 * same sweep sends one. Returns how many jobs were made.
 */
export async function makeBatchJobs({ dynamo, clock }: Pick<StoredJobs, "dynamo" | "clock">): Promise<number> {
  let made = 0;
  for await (const { record, at } of allWaiting(dynamo)) {
    // A batch that waits again after its job has failed has another place in the list.
    const job = batchJob(sha256Of(`${record} ${at}`).slice(0, 24), record, clock());
    const { id, step, createdAt } = job;
    const listed = { byTime: lists.jobs, at: indexKey(createdAt, id), ttl: ttlAt(createdAt + jobLifetimeMs) };
    const set = { step, job: toStoredJson(storedJob, job, id), pushedAt: 0, ...listed };
    const { applied } = await dynamo.update({ pk: rowOf(id), set, condition: "attribute_not_exists(#pk)" });
    made += Number(applied);
  }
  return made;
}
