import type { Api, Job, JobResult } from "@gatepost/client";
import { gatepost } from "./session.ts";

const everyMs = 500;

/** Starts a job and says how far it is until it ends. Resolves with how it ended; rejects where it cannot be asked. */
export async function runJob(wish: Api["POST /v1/jobs"]["body"], onProgress: (job: Job) => void): Promise<Job> {
  let job = await gatepost().ask("POST /v1/jobs", { body: wish });
  onProgress(job);
  while (job.state === "waiting" || job.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    job = await gatepost().ask("GET /v1/jobs/{id}", { path: { id: job.id } });
    onProgress(job);
  }
  return job;
}

/** Where the file of an export is; null before it is made, and where there was nothing to export. */
export function exportUrl({ kind, state, result }: Job): string | null {
  if (kind !== "export" || state !== "done" || result === null) return null;
  return (result as JobResult<"url">).url;
}

export const stopJob = (id: string) => gatepost().ask("DELETE /v1/jobs/{id}", { path: { id } });
