import type { Outcome } from "@gatepost/ingest";
import * as z from "zod";
import type { ApiPorts } from "../ports/api-ports.ts";
import type { JobDeps, SliceLimits } from "./deps.ts";
import type { Job, ReplayRequest } from "./job.ts";

/** Records that the result names at most. */
const maxKept = 1000;

const pageSize = 100;

const progress = z.object({
  cursor: z.string().nullable(),
  stored: z.int(),
  kept: z.array(z.object({ id: z.string(), reason: z.string() })),
});

/**
 * Takes one record through ingest again, and removes it where nothing of it is left to keep. Null where it is gone. What
 * comes to no event is kept, also where its content is another record now, as of a list in a list.
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

/** One slice of a replay, the newest records first. What came after it was asked for is left alone. */
export async function replaySlice(job: Job, asked: ReplayRequest, deps: JobDeps, limits: SliceLimits): Promise<Job> {
  if (job.progress === null) {
    return { ...job, of: await countRecords(job, asked, deps), progress: { cursor: null, stored: 0, kept: [] } };
  }
  const before = progress.parse(job.progress);
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

async function countRecords(job: Job, asked: ReplayRequest, deps: JobDeps): Promise<number> {
  let count = 0;
  let cursor: string | null = null;
  do {
    const page = await deps.quarantine.list(asked.box ?? null, { limit: pageSize, cursor });
    count += page.items.filter((record) => isMeant(record, job, asked)).length;
    cursor = page.next;
  } while (cursor !== null);
  return count;
}

type Listed = { reason: string; path: string; receivedAt: number };

function isMeant(record: Listed, job: Job, { reason, path }: ReplayRequest): boolean {
  const isOfGroup = (reason ?? record.reason) === record.reason && (path ?? record.path) === record.path;
  return record.receivedAt <= job.createdAt && isOfGroup;
}
