import { randomBytes } from "node:crypto";
import type { Outcome } from "@gatepost/core/arrivals";
import { GatepostError } from "@gatepost/core/errors";
import { batchTooLong, type LimitedKey, type QuarantineRecord, undoableMs } from "@gatepost/core/quarantine";
import { type MappingId, mappingId, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import { type Job, type JobQuestion, paused, type ReplayRequest, type StoredReplayRequest } from "../jobs/job.ts";
import { replayedByRemoved } from "../listeners.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts, JobDeps, JobPorts, SliceLimits } from "../ports.ts";
import { someRecords } from "./records.ts";

/** Records that the result names at most. */
const maxKept = 1000;

/** A record that stays in quarantine, and why. */
export const keptRecord = namedObject("KeptRecord", { id: z.string(), reason: z.string() });

/** The progress of a replay after its records are counted: its position, and the results so far. */
const progress = z.object({
  cursor: z.string().nullable(),
  // Earlier builds take the newest first, and count records without an event as stored.
  order: z.enum(["ascending", "descending"]).default("descending"),
  stored: z.int(),
  noEvent: z.int().default(0),
  kept: z.array(keptRecord),
});

/** The progress of a replay while its records are counted. */
const countProgress = z.object({ counting: z.string().nullable() });

const anyProgress = z.union([countProgress, progress]);

/** Events that are read together. */
const readAtOnce = 500;

/** Does the replay of some records. The undo of a mapping that begins meanwhile waits for it. */
export async function replaying<Result>(
  deps: ReplayDeps,
  replay: (read: Set<MappingId>) => Promise<Result>,
): Promise<Result> {
  const name = randomBytes(9).toString("hex");
  const read = new Set<MappingId>();
  await deps.replayed.begin(name);
  try {
    return await replay(read);
  } finally {
    const isUndone = await deps.replayed.end(name);
    // By a mapping that was removed since it began.
    for (const mapping of [...read].filter(isUndone)) await replayedByRemoved(mapping, deps);
  }
}

/**
 * Receives one record again. If it need not be kept, it is removed; if a mapping has read it, it is set aside instead, for
 * as long as that can be undone. Null if it is gone. `kept` is the record that remains: this one, or another one with
 * its content if no event was made of it. Throws 409 if its job replays it.
 *
 * @param read gets the mappings that have read it
 */
export async function replayOne(id: string, deps: ReplayDeps, read: Set<MappingId>): Promise<Replayed | null> {
  const record = await deps.quarantine.get(id);
  if (record === null) return null;
  if (record.reason === batchTooLong) {
    throw new GatepostError(
      "conflict",
      "this batch is replayed automatically; GET /v1/quarantine/{id} shows how far it is",
    );
  }
  // An erasure that begins now erases these events, and then finds the record by them.
  return deps.eraser.alongside(async () => {
    const outcomes = await deps.replay(record);
    const made = await madeByMappings(record, outcomes, deps);
    for (const mapping of made.keys()) read.add(mapping);
    return noteReplayed(record, outcomes, made, deps);
  });
}

type ReplayDeps = Pick<ApiPorts, "quarantine" | "replay" | "events" | "eraser" | "replayed" | "jobs" | "clock" | "log">;

interface Replayed {
  outcomes: Outcome[];
  kept: NonNullable<Outcome["quarantined"]> | null;
}

async function noteReplayed(
  record: QuarantineRecord,
  outcomes: Outcome[],
  made: ReadonlyMap<MappingId, string[]>,
  { quarantine, replayed, clock }: ReplayDeps,
): Promise<Replayed> {
  const { id } = record;
  const left = outcomes.flatMap(({ quarantined }) => quarantined ?? []);
  const ownRecord = left.find((one) => one.id === id);
  const events = outcomes.flatMap(({ event }) => event?.id ?? []);
  const noted = { ...record, event: events[0] ?? null, keptFor: ownRecord?.reason ?? null };
  if (made.size > 0) await replayed.note(noted, made);
  if (ownRecord === undefined) {
    const aside = { events: [...new Set(events)], until: clock() + undoableMs };
    await (made.size === 0 ? quarantine.remove(id) : quarantine.setAside(id, aside));
  }
  return { outcomes, kept: ownRecord ?? (events.length > 0 ? null : (left[0] ?? null)) };
}

/** The mappings that have read a record, each with the events that it has made of it: none if they were there, or by a sign. */
async function madeByMappings(
  { receivedAt }: Pick<QuarantineRecord, "receivedAt">,
  outcomes: readonly Outcome[],
  { events }: Pick<ApiPorts, "events">,
): Promise<Map<MappingId, string[]>> {
  const ids = [...new Set(outcomes.flatMap(({ event }) => event?.id ?? []))];
  const made = new Map<MappingId, string[]>(outcomes.flatMap(({ mapping }) => (mapping ? [[mapping, []]] : [])));
  for (let from = 0; from < ids.length; from += readAtOnce) {
    for (const [id, event] of await events.getAll(ids.slice(from, from + readAtOnce))) {
      for (const mapping of mappingsOf(event, receivedAt)) made.set(mapping, [...(made.get(mapping) ?? []), id]);
    }
  }
  return made;
}

function mappingsOf({ reports }: StoredEvent, receivedAt: number): Set<MappingId> {
  const own = reports.filter((report) => report.receivedAt === receivedAt);
  return new Set(own.flatMap(({ dialect }) => mappingId().safeParse(dialect).data ?? []));
}

/**
 * One slice of a replay: counts first, then takes the records, the oldest first: the first report of a passing counts, as
 * when they arrived. It ends at the first record that arrived after the request.
 */
export async function replaySlice(
  job: Job,
  asked: StoredReplayRequest,
  deps: JobDeps,
  limits: SliceLimits,
): Promise<Job> {
  if (asked.record !== undefined) return replayBatch(job, asked.record, asked.key, deps);
  const before = job.progress === null ? { counting: null } : anyProgress.parse(job.progress);
  if ("counting" in before) return countRecords(job, asked, before, { deps, limits });
  const { cursor, order } = before;
  const page = await deps.quarantine.list(asked.box ?? null, { limit: limits.records, cursor }, { order });
  const isEnd =
    page.next === null || (order === "ascending" && page.items.some(({ receivedAt }) => receivedAt > job.createdAt));
  const meant = page.items.filter((record) => isMeant(record, job, asked));
  const after = { ...before, kept: [...before.kept], cursor: page.next };
  const replayAll = async (read: Set<MappingId>) => {
    for (const { id } of meant) {
      const replayed = await replayOne(id, deps, read);
      if (replayed === null) continue;
      const { outcomes, kept } = replayed;
      if (kept === null) after[outcomes.some(({ event }) => event !== null) ? "stored" : "noEvent"] += 1;
      else if (after.kept.length < maxKept) after.kept.push(kept);
    }
  };
  if (meant.length > 0) await replaying(deps, replayAll);
  const { stored, noEvent, kept } = after;
  const done = { ...job, done: job.done + meant.length, progress: after };
  return isEnd ? { ...done, state: "done", result: { stored, noEvent, kept } } : done;
}

/** ms after which a batch looks again whether it is the next one of its box. */
const nextAfterMs = 30_000;
/** Most ms of a pause. The limits of a key may change meanwhile. */
const maxPauseMs = 300_000;
/**
 * A slice reads the whole body, even if the limits of its key leave it one report. The next slice begins after ten times
 * as long, so that reading takes a tenth of the time at most.
 */
const timesReading = 10;

/** The time (ms since 1970) before which no slice of a job is due; 0 if its pause was begun by a clock that was ahead. */
export function notBefore({ progress: before }: Pick<Job, "progress">, now: number): number {
  const { success, data } = paused.safeParse(before);
  return success && data.notBefore <= now + maxPauseMs ? data.notBefore : 0;
}

/** One slice of the replay of a long batch. Of a box only one is replayed at a time. */
async function replayBatch(job: Job, id: string, ofJob: LimitedKey | undefined, deps: JobDeps): Promise<Job> {
  const { batch } = job.progress === null ? { batch: null } : paused.parse(job.progress);
  const pause = (ms: number) => ({ ...job, progress: { batch, notBefore: deps.clock() + ms } });
  if (!(await deps.quarantine.isNext(id))) return pause(nextAfterMs);
  const began = deps.clock();
  const record = await deps.quarantine.get(id);
  if (record === null) {
    // Something of it may be left, even without the record itself.
    await deps.quarantine.remove(id);
    // If a slice was done before, the process ended between the last one and its note.
    return { ...job, done: job.of, state: "done", result: { stored: Number(batch !== null), noEvent: 0, kept: [] } };
  }
  const slice = await deps.replayBatch(record, { progress: batch, key: ofJob ?? record.key });
  if ("pauseMs" in slice) return pause(Math.min(slice.pauseMs, maxPauseMs));
  const { progress: next, outcomes, taken, of, readAt } = slice;
  const after = { ...job, done: job.done + taken, of };
  const due = Math.min(began + timesReading * (readAt - began), deps.clock() + maxPauseMs);
  if (next !== null) return { ...after, progress: { batch: next, notBefore: due } };
  const kept = outcomes.flatMap(({ quarantined }) => (quarantined?.id === id ? quarantined : []));
  if (kept.length === 0) await deps.quarantine.remove(id);
  return { ...after, state: "done", result: { stored: Number(kept.length === 0), noEvent: 0, kept } };
}

/** The jobs of long batches, by their records. */
export async function batchJobs({ jobs }: { jobs: Pick<JobPorts, "store"> }): Promise<Map<string, Job>> {
  const unended = await jobs.store.unended();
  return new Map(unended.flatMap((job) => (isOfBatch(job.asked) ? [[job.asked.record, job] as const] : [])));
}

function isOfBatch(asked: JobQuestion): asked is StoredReplayRequest & { record: string } {
  return asked.kind === "replay" && asked.record !== undefined;
}

async function countRecords(
  job: Job,
  asked: ReplayRequest,
  { counting }: z.output<typeof countProgress>,
  { deps, limits }: { deps: JobDeps; limits: SliceLimits },
): Promise<Job> {
  let { of } = job;
  const see = (record: ListedRecord) => {
    if (isMeant(record, job, asked)) of += 1;
  };
  // A slice counts as many records as it may look at events: to replay a record takes far longer than to count it.
  const next = await someRecords(asked.box ?? null, { cursor: counting, limit: limits.events }, see, deps);
  if (next !== null) return { ...job, of, progress: { counting: next } satisfies z.output<typeof countProgress> };
  const begun: z.output<typeof progress> = { cursor: null, order: "ascending", stored: 0, noEvent: 0, kept: [] };
  return { ...job, of, progress: begun };
}

type ListedRecord = { reason: string; path: string; receivedAt: number };

function isMeant(record: ListedRecord, job: Job, { reason, path }: ReplayRequest): boolean {
  const isOfGroup = (reason ?? record.reason) === record.reason && (path ?? record.path) === record.path;
  // A long batch has a separate job.
  if (record.reason === batchTooLong) return false;
  return record.receivedAt <= job.createdAt && isOfGroup;
}
