import { hasEnded, ownJobs } from "@gatepost/core/jobs";
import type { ReplayedPart } from "@gatepost/core/mappings";
import { type MappingId, type StoredEvent, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import { type Job, jobIdOf, newJob, paused, queueJob, type StoredUndoMapping } from "../jobs/job.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts, JobDeps, SliceLimits } from "../ports.ts";

/** Events that stay: their record is gone, or another report has joined them. */
const staying = namedObject("StayingEvents", {
  gone: z.int().meta({ description: "Their record has expired, or was erased." }),
  joined: z.int().meta({ description: "Another report tells of them, too." }),
});

/** What an undo has done, or would do. */
export const undone = namedObject("UndoResult", { events: z.int(), records: z.int(), stay: staying });
type Undone = z.output<typeof undone>;

const none: Undone = { events: 0, records: 0, stay: { gone: 0, joined: 0 } };

/** Records are put back first, and then events are withdrawn: each from a part of the mapping on. */
const progress = undone.extend({ step: z.enum(["back", "withdraw"]), from: z.string().optional() });

/** ms until an undo looks again whether replays have ended. */
const replayMs = secondMs;

type Deps = Pick<ApiPorts, "replayed" | "quarantine" | "events">;

type KnownDeps = Pick<ApiPorts, "jobs" | "replayed" | "mappings">;

/** Whether quarantine has a record, or an undo puts it back. */
type IsThere = (part: ReplayedPart) => Promise<boolean>;

/**
 * One slice of the undo of a mapping. The first one removes the mapping. Then it waits for the replays that had begun
 * before: they may still make events by the mapping. Each step may be repeated: an event is erased only if all of its
 * reports are in quarantine again.
 */
export async function undoSlice(
  job: Job,
  { mapping }: StoredUndoMapping,
  deps: JobDeps,
  { records, events }: Pick<SliceLimits, "records" | "events">,
): Promise<Job> {
  const { batch } = job.progress === null ? { batch: null } : paused.parse(job.progress);
  if (job.progress === null) {
    await deps.mappings.remove(mapping);
    await deps.replayed.beginUndo(mapping);
  }
  if (await deps.replayed.isReplaying(mapping))
    return { ...job, progress: { batch, notBefore: deps.clock() + replayMs } };
  const at = batch === null ? { ...none, step: "back" as const } : progress.parse(batch);
  const { step, from } = at;
  const slice = new Slice(mapping, at, deps);
  let [recordsLeft, eventsLeft] = [records, events];
  for await (const part of deps.replayed.of(mapping, { order: "ascending", from })) {
    if (recordsLeft-- <= 0 || eventsLeft <= 0) return going(job, { ...slice.counts, step, from: part.place });
    if (part.isUndone) continue;
    eventsLeft -= part.events.length;
    await (step === "back" ? slice.putBack(part) : slice.withdraw(part));
  }
  if (step === "back") return going(job, { ...slice.counts, step: "withdraw" });
  // Another process may know the mapping for a minute after its removal.
  if (await hasParts(mapping, deps)) return going(job, { ...slice.counts, step: "back" });
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
    // Noted since the records were put back.
    if (!(await isThere(part))) {
      await this.putBack(part);
      this.#there.delete(part.record.id);
    }
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

/**
 * What the undo of a mapping would do now; null if there is nothing that could be undone, or was. `isExact`: false if that
 * is only of the first parts. Nothing is changed.
 */
export async function previewUndo(
  mapping: MappingId,
  deps: Deps & KnownDeps,
): Promise<(Undone & { isExact: boolean }) | null> {
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
  const isKnown = left < maxPreviewed || (await hasLeft(mapping, deps)) || (await undosOf(mapping, deps)).last !== null;
  return isKnown ? { ...would, isExact: true } : null;
}

/**
 * The job that undoes a mapping: the one that has not ended, a new one, or the last one if it has left nothing. The caller
 * that gets a new one has it done. Null if there is no such mapping, and there was no undo of it.
 */
export async function undoJobOf(
  mapping: MappingId,
  deps: KnownDeps & StoreDeps,
): Promise<{ job: Job; isNew: boolean } | null> {
  const { last, next } = await undosOf(mapping, deps);
  if (last !== null && !hasEnded(last)) return { job: last, isNew: false };
  if ((last === null || last.state === "done") && !(await hasLeft(mapping, deps)))
    return last === null ? null : { job: last, isNew: false };
  return storeUndo(next, mapping, deps);
}

/** Has a mapping undone again that was read in a replay after its undo had begun. */
export async function undoAgain(mapping: MappingId, deps: StoreDeps & Pick<ApiPorts, "log">): Promise<void> {
  const { last, next } = await undosOf(mapping, deps);
  if ((last === null || hasEnded(last)) && (await storeUndo(next, mapping, deps)).isNew) await queueJob(next, deps);
}

type StoreDeps = Pick<ApiPorts, "jobs" | "clock">;

async function storeUndo(
  id: string,
  mapping: MappingId,
  { jobs, clock }: StoreDeps,
): Promise<{ job: Job; isNew: boolean }> {
  const job = newJob(id, { by: ownJobs, asked: { kind: "undo", mapping } }, clock());
  return { job, isNew: await jobs.store.createOnce(job) };
}

/** The last job of the undos of a mapping, and the id of the next one: the same for all who ask at once. */
async function undosOf(
  mapping: MappingId,
  { jobs }: Pick<ApiPorts, "jobs">,
): Promise<{ last: Job | null; next: string }> {
  let last: Job | null = null;
  for (let round = 0; ; round++) {
    const next = jobIdOf(`undo ${mapping} ${round}`);
    const job = await jobs.store.get(next);
    if (job === null) return { last, next };
    last = job;
  }
}

/** Whether a mapping is there, or events of its replays. */
async function hasLeft(mapping: MappingId, { mappings, replayed }: Pick<KnownDeps, "mappings" | "replayed">) {
  return (await mappings.get(mapping)) !== null || (await hasParts(mapping, { replayed }));
}

async function hasParts(mapping: MappingId, { replayed }: Pick<ApiPorts, "replayed">): Promise<boolean> {
  for await (const { isUndone } of replayed.of(mapping, { order: "ascending" })) if (!isUndone) return true;
  return false;
}
