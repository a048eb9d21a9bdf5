import type { Outcome } from "@gatepost/core/arrivals";
import * as z from "zod";
import type { ApiPorts, JobDeps, SliceLimits } from "../ports.ts";
import type { Job, ReplayRequest, StoredReplayRequest } from "./job.ts";
import { someRecords } from "./records.ts";

/** Records that the result names at most. */
const maxKept = 1000;

/** The progress of a replay after its records are counted: its position, and the results so far. */
const progress = z.object({
  cursor: z.string().nullable(),
  stored: z.int(),
  kept: z.array(z.object({ id: z.string(), reason: z.string() })),
});

/** The progress of a replay while its records are counted. */
const countProgress = z.object({ counting: z.string().nullable() });

const anyProgress = z.union([countProgress, progress]);

/**
 * Receives one record again, and removes it if it is not kept any more. Null if it is gone. `kept` is the record that
 * remains: this one, or another one with its content if no event was made of it.
 */
export async function replayOne(
  id: string,
  { quarantine, replay }: Pick<ApiPorts, "quarantine" | "replay">,
): Promise<{ outcomes: Outcome[]; kept: NonNullable<Outcome["quarantined"]> | null } | null> {
  const record = await quarantine.get(id);
  if (record === null) return null;
  const outcomes = await replay(record);
  const left = outcomes.flatMap(({ quarantined }) => quarantined ?? []);
  const own = left.find((one) => one.id === id);
  if (own === undefined) await quarantine.remove(id);
  const isStored = outcomes.some(({ event }) => event !== null);
  return { outcomes, kept: own ?? (isStored ? null : (left[0] ?? null)) };
}

/**
 * One slice of a replay: counts first, then takes the records, the newest first. Records that arrived after the request
 * are left alone.
 */
export async function replaySlice(
  job: Job,
  asked: StoredReplayRequest,
  deps: JobDeps,
  limits: SliceLimits,
): Promise<Job> {
  if (asked.record !== undefined) return replayRecord(job, asked.record, deps);
  const before = job.progress === null ? { counting: null } : anyProgress.parse(job.progress);
  if ("counting" in before) return countRecords(job, asked, before, { deps, limits });
  const page = await deps.quarantine.list(asked.box ?? null, { limit: limits.records, cursor: before.cursor });
  const meant = page.items.filter((record) => isMeant(record, job, asked));
  const after = { ...before, kept: [...before.kept], cursor: page.next };
  for (const { id } of meant) {
    const replayed = await replayOne(id, deps);
    if (replayed?.kept === null) after.stored += 1;
    else if (replayed !== null && after.kept.length < maxKept) after.kept.push(replayed.kept);
  }
  const { stored, kept } = after;
  const done = { ...job, done: job.done + meant.length, progress: after };
  return page.next === null ? { ...done, state: "done", result: { stored, kept } } : done;
}

/** Replays one record, however long it takes. */
async function replayRecord(job: Job, id: string, deps: JobDeps): Promise<Job> {
  const replayed = await replayOne(id, deps);
  // Something of it may be left, even without the record itself.
  if (replayed === null) await deps.quarantine.remove(id);
  const kept = replayed?.kept ?? null;
  const result = { stored: Number(replayed !== null && kept === null), kept: kept === null ? [] : [kept] };
  return { ...job, done: 1, state: "done", result };
}

async function countRecords(
  job: Job,
  asked: ReplayRequest,
  { counting }: z.output<typeof countProgress>,
  { deps, limits }: { deps: JobDeps; limits: SliceLimits },
): Promise<Job> {
  let { of } = job;
  const see = (record: Listed) => {
    if (isMeant(record, job, asked)) of += 1;
  };
  // A slice counts as many records as it may look at events: to replay a record takes far longer than to count it.
  const next = await someRecords(asked.box ?? null, { cursor: counting, limit: limits.events }, see, deps);
  if (next !== null) return { ...job, of, progress: { counting: next } satisfies z.output<typeof countProgress> };
  return { ...job, of, progress: { cursor: null, stored: 0, kept: [] } satisfies z.output<typeof progress> };
}

type Listed = { reason: string; path: string; receivedAt: number };

function isMeant(record: Listed, job: Job, { reason, path }: ReplayRequest): boolean {
  const isOfGroup = (reason ?? record.reason) === record.reason && (path ?? record.path) === record.path;
  return record.receivedAt <= job.createdAt && isOfGroup;
}
