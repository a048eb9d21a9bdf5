import type { JobDeps } from "./deps.ts";
import type { Job } from "./job.ts";

/** An ended job without personal data: an erasure keeps a keyed hash of the person, a filter only its boxes. */
export async function ended(
  job: Job & { state: "done" | "failed" | "stopped" },
  { jobs, clock }: Pick<JobDeps, "jobs" | "clock">,
): Promise<Job> {
  const { asked } = job;
  const over = { ...job, progress: null, endedAt: clock() };
  if (asked.kind === "export" || asked.kind === "seen") {
    const { box, boxes } = asked.filter;
    const named = { ...(box === undefined ? {} : { box }), ...(boxes === undefined ? {} : { boxes }) };
    return { ...over, asked: { ...asked, filter: named } };
  }
  if (asked.kind !== "erase" || "subject" in asked) return over;
  return { ...over, asked: { kind: "erase", subject: await jobs.erasures.subjectOf(asked.person) } };
}
