import { ownJobs } from "@gatepost/core/jobs";
import { batchNotReplayed, batchTooLong } from "@gatepost/ingest";
import type { JobDeps } from "./deps.ts";
import type { Job } from "./job.ts";

/** The job that replays the rest of a long batch. */
export function batchJob(id: string, record: string, now: number): Job {
  return {
    ...{ id: `job_${id}`, step: 0, by: ownJobs, state: "waiting" },
    ...{ asked: { kind: "replay", record }, progress: null, done: 0, of: 1 },
    ...{ createdAt: now, startedAt: null, endedAt: null, result: null, reason: null },
  };
}

/** Counts the rest of a long batch towards the limit of its box, after its job has ended without it. */
export async function releaseBatch(
  { asked }: Pick<Job, "asked">,
  { quarantine }: Pick<JobDeps, "quarantine">,
): Promise<void> {
  if (asked.kind !== "replay" || !("record" in asked) || asked.record === undefined) return;
  const record = await quarantine.get(asked.record);
  if (record?.reason === batchTooLong) await quarantine.put({ ...record, reason: batchNotReplayed });
}
