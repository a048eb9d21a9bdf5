import { GatepostError } from "@gatepost/core/errors";
import { brokenEvent } from "@gatepost/core/events";
import { hasEnded, ownJobs } from "@gatepost/core/jobs";
import { batchNotReplayed, batchTooLong, type LimitedKey } from "@gatepost/core/quarantine";
import * as z from "zod";
import { decideSlice } from "../acting/decide.ts";
import { outcomeOf } from "../acting/decision.ts";
import { eraseSlice } from "../erasure/erase.ts";
import { exportSlice } from "../exports/export.ts";
import { undoSlice } from "../mappings/undo.ts";
import type { JobDeps, SliceLimits } from "../ports.ts";
import { replaySlice } from "../quarantine/replay.ts";
import { resendSlice } from "../rules/resend.ts";
import { stateOf } from "./drop-exports.ts";
import { ended, type Job, newJob, type SeenRequest } from "./job.ts";

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
  if (state === "failed") await takeBack(job, deps);
  if (await deps.jobs.store.advance(job, after)) {
    if (state === "failed") await dropLeft(job, deps);
    return !hasEnded(after);
  }
  const now = await deps.jobs.store.get(id);
  if (now !== null && !hasEnded(now)) return true;
  // A slice that a stop overtook has decided, too: so its decisions can be taken back with the others.
  if (now !== null && now.asked.kind === "decide") await keepDecisions(now, done, deps);
  // The job was stopped, or ended by an erasure: what this slice has written must be removed.
  if (now?.result === null) await deps.jobs.exports.remove(id, stateOf(done));
  return false;
}

async function keepDecisions(stopped: Job, done: Job, { jobs }: Pick<JobDeps, "jobs">): Promise<void> {
  await jobs.store.advance(stopped, { ...stopped, done: done.done, result: outcomeOf(done) });
}

type EndDeps = Pick<JobDeps, "jobs" | "quarantine" | "rules" | "clock">;

/**
 * Ends a job whose slice fails again and again, or is ended in the middle.
 *
 * @param cause what it failed with the last time, if anything
 */
export async function failJob(id: string, deps: EndDeps & Pick<JobDeps, "health">, cause?: unknown): Promise<void> {
  const known = cause instanceof GatepostError ? cause : deps.health.toldOf(cause);
  const why = known?.message ?? "a store does not answer, or the job needs more memory or time than there is";
  await end(id, { state: "failed", reason: toAskAgain(why) }, deps);
}

/** Ends a job on request. Returns false if it had already ended. */
export function stopJob(id: string, deps: EndDeps): Promise<boolean> {
  return end(id, { state: "stopped" }, deps);
}

async function end(id: string, how: { state: "failed" | "stopped"; reason?: string }, deps: EndDeps): Promise<boolean> {
  for (;;) {
    const job = await deps.jobs.store.get(id);
    if (job === null || hasEnded(job)) return false;
    // Before it has ended: nobody sees an ended job whose entries wait.
    await takeBack(job, deps);
    if (!(await deps.jobs.store.advance(job, await ended({ ...job, ...how }, deps)))) continue;
    await dropLeft(job, deps);
    return true;
  }
}

/** The entries that a resend has put, and that still wait. */
async function takeBack({ id, asked }: Job, { rules }: Pick<JobDeps, "rules">): Promise<void> {
  if (asked.kind === "resend") await rules?.takeBack(id);
}

/** The leftovers of a job that did not end well: the file of an export, the exemption of a long batch, entries that were put meanwhile. */
async function dropLeft(job: Job, deps: EndDeps): Promise<void> {
  await takeBack(job, deps);
  await deps.jobs.exports.remove(job.id, stateOf(job));
  await releaseBatch(job, deps);
}

/** Why a job has ended before it was done, and what to do, for each route that creates jobs. */
export function toAskAgain(why: string): string {
  return `${why}; ask for it again: finished work is kept`;
}

async function sliceOf(job: Job, deps: JobDeps, limits: SliceLimits): Promise<Job> {
  const { asked } = job;
  try {
    if (asked.kind === "export") return await exportSlice(job, asked, deps, limits);
    if (asked.kind === "replay") return await replaySlice(job, asked, deps, limits);
    if (asked.kind === "seen") return await seenSlice(job, asked, deps, limits);
    if (asked.kind === "decide") return await decideSlice(job, asked, deps, limits);
    if (asked.kind === "resend") return await resendSlice(job, asked, deps);
    if (asked.kind === "undo") return await undoSlice(job, asked, deps, limits);
    return "subject" in asked ? job : await eraseSlice(job, asked, deps, limits);
  } catch (error) {
    const broken = brokenEvent(error);
    if (broken !== null) return { ...job, state: "failed", reason: toAskAgain(broken.message) };
    if (!(error instanceof GatepostError) || error.kind === "unavailable") throw error;
    return { ...job, state: "failed", reason: error.message };
  }
}

/** The job that replays a long batch, or the rest of one. */
export function batchJob(id: string, asked: { record: string; key?: LimitedKey }, now: number): Job {
  return newJob(`job_${id}`, { by: ownJobs, asked: { kind: "replay", ...asked } }, now);
}

/** Counts the rest of a long batch towards the limit of its box, after its job has ended without it. */
async function releaseBatch({ asked }: Pick<Job, "asked">, { quarantine }: Pick<JobDeps, "quarantine">): Promise<void> {
  if (asked.kind !== "replay" || !("record" in asked) || asked.record === undefined) return;
  const record = await quarantine.get(asked.record);
  if (record?.reason === batchTooLong) await quarantine.put({ ...record, reason: batchNotReplayed });
}

const pageSize = 100;

const progress = z.object({ cursor: z.string().nullable() });

/** One slice of marking events as seen, the newest first. Events that arrive meanwhile are left alone. */
async function seenSlice(job: Job, asked: SeenRequest, deps: JobDeps, limits: SliceLimits): Promise<Job> {
  let { cursor } = job.progress === null ? { cursor: null } : progress.parse(job.progress);
  let { done } = job;
  for (let looked = 0; looked < limits.events; ) {
    const page = await deps.events.list(asked.filter, { limit: pageSize, cursor });
    const ids = page.items.map(({ id }) => id);
    const marked = await deps.seen.markAll(ids, { id: job.by, name: null });
    done += marked.length;
    looked += pageSize;
    cursor = page.next;
    if (cursor === null) return { ...job, state: "done", done, of: done, result: { events: done } };
  }
  return { ...job, done, of: done, progress: { cursor } };
}
