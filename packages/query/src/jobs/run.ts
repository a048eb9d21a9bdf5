import { hasEnded } from "@gatepost/core/jobs";
import { GatepostError } from "@gatepost/ingest";
import { brokenEvent } from "../broken-event.ts";
import { releaseBatch } from "./batch-job.ts";
import type { JobDeps, SliceLimits } from "./deps.ts";
import { stateOf } from "./drop-exports.ts";
import { ended } from "./ended.ts";
import { eraseSlice } from "./erase.ts";
import { exportSlice } from "./export.ts";
import type { Job } from "./job.ts";
import { replaySlice } from "./replay.ts";
import { seenSlice } from "./seen.ts";

/**
 * Runs one slice of a job and stores its progress. Returns whether there is more to do. To repeat a slice, because the
 * process ended before its progress was stored, does no harm. Throws what a store throws; then the slice must be tried
 * again.
 */
export async function runSlice(id: string, deps: JobDeps, limits: SliceLimits): Promise<boolean> {
  const job = await deps.jobs.store.get(id);
  if (job === null || hasEnded(job)) return false;
  const begun = { ...job, state: "running" as const, startedAt: job.startedAt ?? deps.clock() };
  const done = await sliceOf(begun, deps, limits);
  const { state } = done;
  const after = state === "waiting" || state === "running" ? done : await ended({ ...done, state }, deps);
  if (await deps.jobs.store.advance(job, after)) {
    if (state === "failed") await dropLeft(job, deps);
    return !hasEnded(after);
  }
  const now = await deps.jobs.store.get(id);
  if (now !== null && !hasEnded(now)) return true;
  // The job was stopped, or ended by an erasure: what this slice has written must be removed.
  if (now?.result === null) await deps.jobs.exports.remove(id, stateOf(done));
  return false;
}

type EndDeps = Pick<JobDeps, "jobs" | "quarantine" | "clock">;

/**
 * Ends a job whose slice fails again and again, or is ended in the middle.
 *
 * @param cause what it failed with the last time, if anything
 */
export async function failJob(id: string, deps: EndDeps, cause?: unknown): Promise<void> {
  const why =
    cause instanceof GatepostError ? cause.message : "a store does not answer, or it takes more than there is";
  await end(id, { state: "failed", reason: toAskAgain(why) }, deps);
}

/** Ends a job at the wish of a person. Returns false where it had ended already. */
export function stopJob(id: string, deps: EndDeps): Promise<boolean> {
  return end(id, { state: "stopped" }, deps);
}

async function end(id: string, how: { state: "failed" | "stopped"; reason?: string }, deps: EndDeps): Promise<boolean> {
  for (;;) {
    const job = await deps.jobs.store.get(id);
    if (job === null || hasEnded(job)) return false;
    if (!(await deps.jobs.store.advance(job, await ended({ ...job, ...how }, deps)))) continue;
    await dropLeft(job, deps);
    return true;
  }
}

/** What is left of a job that did not end well: the file of an export, and the exemption of a long batch. */
async function dropLeft(job: Job, deps: EndDeps): Promise<void> {
  await deps.jobs.exports.remove(job.id, stateOf(job));
  await releaseBatch(job, deps);
}

function toAskAgain(why: string): string {
  return `${why}; ask for it again, what is done stays done`;
}

async function sliceOf(job: Job, deps: JobDeps, limits: SliceLimits): Promise<Job> {
  const { asked } = job;
  try {
    if (asked.kind === "export") return await exportSlice(job, asked, deps, limits);
    if (asked.kind === "replay") return await replaySlice(job, asked, deps, limits);
    if (asked.kind === "seen") return await seenSlice(job, asked, deps, limits);
    return "subject" in asked ? job : await eraseSlice(job, asked, deps, limits);
  } catch (error) {
    const broken = brokenEvent(error);
    if (broken !== null) return { ...job, state: "failed", reason: toAskAgain(broken.message) };
    if (!(error instanceof GatepostError) || error.kind === "unavailable") throw error;
    return { ...job, state: "failed", reason: error.message };
  }
}
