import { randomBytes } from "node:crypto";
import { hasEnded, ownJobs } from "@gatepost/core/jobs";
import type { ReplayedPart } from "@gatepost/core/mappings";
import { type MappingId, type StoredEvent, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import type { ApiPorts, JobDeps, SliceLimits } from "../ports.ts";
import { type Job, paused, type StoredUndoMapping } from "./job.ts";

/** Events that stay: their record is gone, or another report has joined them. */
const staying = z.object({
  gone: z.int().meta({ description: "Their record has expired, or was erased." }),
  joined: z.int().meta({ description: "Another report tells of them, too." }),
});

/** What an undo has done, or would do. */
export const undone = z.object({ events: z.int(), records: z.int(), stay: staying });
type Undone = z.output<typeof undone>;

const none: Undone = { events: 0, records: 0, stay: { gone: 0, joined: 0 } };

/** Records are put back first, and then events are withdrawn: each from a part of the mapping on. */
const progress = undone.extend({ step: z.enum(["back", "withdraw"]), from: z.string().optional() });

/** ms until an undo looks again whether replays have ended. */
const replayMs = secondMs;

type Deps = Pick<ApiPorts, "replayed" | "quarantine" | "events">;

/** Whether quarantine has a record, or an undo puts it back. */
type IsThere = (part: ReplayedPart) => Promise<boolean>;

/**
 * One slice of the undo of a mapping that is removed. It begins once no replay is going on: one may still make events by
 * the mapping. Each step may be repeated: an event is erased only if all of its reports are in quarantine again.
 */
export async function undoSlice(
  job: Job,
  { mapping }: StoredUndoMapping,
  deps: JobDeps,
  { records }: Pick<SliceLimits, "records">,
): Promise<Job> {
  const { batch } = job.progress === null ? { batch: null } : paused.parse(job.progress);
  if (await deps.replayed.isReplaying()) return { ...job, progress: { batch, notBefore: deps.clock() + replayMs } };
  const at = batch === null ? { ...none, step: "back" as const } : progress.parse(batch);
  const { step, from } = at;
  const slice = new Slice(mapping, at, deps);
  let [left, next] = [records, from];
  for await (const part of deps.replayed.of(mapping, { order: "ascending", from })) {
    next = part.place;
    if (left-- <= 0) return going(job, { ...slice.counts, step, from: next });
    if (part.isUndone) continue;
    await (step === "back" ? slice.putBack(part) : slice.withdraw(part));
  }
  if (step === "back") return going(job, { ...slice.counts, step: "withdraw" });
  return { ...job, state: "done", of: job.done + 1, done: job.done + 1, result: slice.counts };
}

/** What the undo of a job has done so far. */
export function undoneBy({ progress: before, result }: Pick<Job, "progress" | "result">): Undone {
  const ended = undone.safeParse(result);
  if (ended.success) return ended.data;
  const so = undone.safeParse(paused.safeParse(before).data?.batch);
  return so.success ? so.data : none;
}

function going(job: Job, after: z.output<typeof progress>): Job {
  const done = after.events + after.records;
  return { ...job, done, of: done + 1, progress: { batch: after, notBefore: 0 } };
}

class Slice {
  counts: Undone;
  readonly #mapping: MappingId;
  readonly #deps: JobDeps;
  readonly #there = new Map<string, boolean>();

  constructor(mapping: MappingId, { events, records, stay }: Undone, deps: JobDeps) {
    this.counts = { events, records, stay: { ...stay } };
    this.#mapping = mapping;
    this.#deps = deps;
  }

  /** Puts the record of a part back as it was before its replay. */
  async putBack({ record, isFirst }: ReplayedPart): Promise<void> {
    const { quarantine } = this.#deps;
    if (!isFirst || !(await quarantine.putBack(record))) return;
    this.counts.records += 1;
    const kept = record.keptFor === null ? null : await quarantine.get(record.id);
    if (kept !== null && kept.reason === record.keptFor)
      await quarantine.put({ ...kept, reason: record.reason, event: null });
  }

  async withdraw(part: ReplayedPart): Promise<void> {
    const { eraser, replayed } = this.#deps;
    const isThere: IsThere = ({ record: { id } }) => this.#isThere(id);
    const { present, isMeant } = await lookAt(part, this.#mapping, isThere, this.#deps);
    const removed = await eraser.withdraw([...present.keys()], isMeant);
    await replayed.undone(part);
    const stay = present.size - removed;
    this.counts.events += removed;
    this.counts.stay[(await isThere(part)) ? "joined" : "gone"] += stay;
  }

  async #isThere(id: string): Promise<boolean> {
    const known = this.#there.get(id) ?? (await this.#deps.quarantine.get(id)) !== null;
    this.#there.set(id, known);
    return known;
  }
}

/**
 * The events of a part that are stored, and which of them its undo erases: those of whose reports none is anywhere else than
 * in records that are in quarantine again, by this mapping or by one that is undone.
 */
async function lookAt(part: ReplayedPart, mapping: MappingId, isThere: IsThere, { events, replayed }: Deps) {
  const present = await events.getAll(part.events);
  const isBack = async (id: string, { dialect, receivedAt }: StoredReport) => {
    const isOwn = dialect === mapping && receivedAt === part.record.receivedAt;
    const sources = isOwn ? [part] : await collect(replayed.receivedAt(dialect, receivedAt));
    for (const source of sources) {
      const isUndone = source.isUndone || dialect === mapping;
      if (isUndone && source.events.includes(id) && (await isThere(source))) return true;
    }
    return false;
  };
  const back = new Set<string>();
  for (const [id, { reports }] of present)
    for (const report of reports) if (await isBack(id, report)) back.add(keyOf(id, report));
  const isMeant = ({ id, reports }: StoredEvent) => reports.every((report) => back.has(keyOf(id, report)));
  return { present, isMeant };
}

type StoredReport = StoredEvent["reports"][number];

const keyOf = (event: string, { receivedAt, dialect }: StoredReport) => `${event} ${receivedAt} ${dialect}`;

async function collect(all: AsyncIterable<ReplayedPart>): Promise<ReplayedPart[]> {
  const found: ReplayedPart[] = [];
  for await (const one of all) found.push(one);
  return found;
}

/** Parts that a preview looks at. */
const maxPreviewed = 40;

/** What the undo of a mapping would do now. `isExact`: false if that is only of the first parts. Nothing is changed. */
export async function previewUndo(mapping: MappingId, deps: Deps): Promise<Undone & { isExact: boolean }> {
  const { replayed, quarantine } = deps;
  const [would, counted] = [{ ...none, stay: { ...none.stay } }, new Set<string>()];
  const isThere: IsThere = async ({ record }) =>
    (await quarantine.listAside([record])).length > 0 || (await quarantine.get(record.id)) !== null;
  const count = async (part: ReplayedPart) => {
    const isBack = await isThere(part);
    if (isBack && part.isFirst) would.records += 1;
    const { present, isMeant } = await lookAt(part, mapping, isThere, deps);
    for (const event of [...present.values()].filter(({ id }) => !counted.has(id))) {
      counted.add(event.id);
      if (isMeant(event)) would.events += 1;
      else would.stay[isBack ? "joined" : "gone"] += 1;
    }
  };
  let left = maxPreviewed;
  for await (const part of replayed.of(mapping, { order: "ascending" })) {
    if (part.isUndone) continue;
    if (left-- <= 0) return { ...would, isExact: false };
    await count(part);
  }
  return { ...would, isExact: true };
}

/**
 * The job that undoes a mapping: the one that is there, or a new one. It is durable before the mapping is removed. Null if
 * there is no such mapping, and nothing of its replays to undo.
 */
export async function undoJobOf(
  mapping: MappingId,
  deps: Pick<JobDeps, "jobs" | "replayed" | "clock"> & Partial<Pick<ApiPorts, "mappings">>,
): Promise<Job | null> {
  const { jobs, replayed, mappings, clock } = deps;
  const isOfMapping = ({ asked }: Job) => asked.kind === "undo" && asked.mapping === mapping;
  const there = (await jobs.store.unfinished()).find((job) => isOfMapping(job) && !hasEnded(job));
  if (there !== undefined) return there;
  const isStored = mappings !== undefined && (await mappings.get(mapping)) !== null;
  if (!isStored && !(await hasLeft(mapping, replayed))) return null;
  const times = { createdAt: clock(), startedAt: null, endedAt: null };
  const asked: StoredUndoMapping = { kind: "undo", mapping };
  const state = { state: "waiting" as const, progress: null, done: 0, of: 0, result: null, reason: null };
  const job: Job = { id: `job_${randomBytes(12).toString("hex")}`, step: 0, by: ownJobs, asked, ...state, ...times };
  await jobs.store.createOnce(job);
  await replayed.beginUndo(mapping);
  await mappings?.remove(mapping);
  return job;
}

async function hasLeft(mapping: MappingId, replayed: Deps["replayed"]): Promise<boolean> {
  for await (const { isUndone } of replayed.of(mapping, { order: "ascending" })) if (!isUndone) return true;
  return false;
}
