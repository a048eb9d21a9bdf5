import { type ErasureProgress, maxShared, noneErased } from "@gatepost/core/erasure";
import { brokenEvent } from "@gatepost/core/events";
import * as z from "zod";
import { dropExports } from "../jobs/drop-exports.ts";
import type { Job, StoredEraseRequest } from "../jobs/job.ts";
import { namedObject } from "../openapi/named.ts";
import type { JobDeps, SliceLimits } from "../ports.ts";
import { countUnknown, noneUnknown, unknownOnReceipt, unknownProgress } from "../quarantine/records.ts";
import { askForRemovals, removalsOnReceipt } from "./from-boxes.ts";
import { peopleOf } from "./of-person.ts";
import { besideEvents, keptOutUntil, recordsTaken, shownRecord } from "./person-records.ts";
import { eraseRegistered, registeredProgress } from "./registered.ts";

const erased = z.object({
  events: z.int(),
  pictures: z.int(),
  quarantine: z.int(),
  outbox: z.int(),
  shared: z.array(z.string()),
  upTo: z.string().nullable(),
  isDone: z.boolean(),
}) satisfies z.ZodType<ErasureProgress>;

/**
 * The progress of an erasure. First it goes through its boxes: `box` is the current one, `now` counts the erased data
 * of this box, `before` adds up the earlier boxes. Then it erases strangers who were registered as the person. At the
 * end it gathers the rest of the receipt (`after`). `records` are the ones beside events, as it began.
 */
const progress = z.object({
  box: z.int(),
  before: z.array(erased),
  now: erased.nullable(),
  registered: registeredProgress.exactOptional(),
  records: z.array(shownRecord).exactOptional(),
  after: z.object({ removals: removalsOnReceipt, unknown: unknownProgress }).exactOptional(),
});
type Progress = z.output<typeof progress>;

/** What an erasure has erased, and what it could not reach. Dates are UTC days. */
export const receipt = namedObject("ErasureReceipt", {
  erased: z.object({ events: z.int(), pictures: z.int(), quarantine: z.int(), outbox: z.int() }),
  kept: z.object({ pictures: z.int() }),
  unknown: z.object({ quarantine: z.int(), goneBy: z.iso.date().nullable() }),
  agesOut: z.array(z.object({ what: z.string(), goneBy: z.iso.date().nullable() })),
  suppressed: z.literal(true),
  removals: removalsOnReceipt,
  at: z.iso.datetime(),
  by: z.string(),
  ...besideEvents,
});

/**
 * One slice of an erasure: counts first, then erases box by box, asks the boxes to remove the person, and counts what the
 * receipt says is left.
 */
export async function eraseSlice(
  job: Job,
  asked: StoredEraseRequest,
  deps: JobDeps,
  limits: SliceLimits,
): Promise<Job> {
  const boxes: readonly (string | null)[] = asked.boxes ?? [null];
  if (job.progress === null) {
    const of = await eventsOf(asked, deps);
    const records = await recordsTaken({ person: asked.person, boxes: asked.boxes ?? null }, deps);
    return { ...job, of, progress: { box: 0, before: [], now: null, records } satisfies Progress };
  }
  const before = progress.parse(job.progress);
  if (before.after !== undefined) return afterErasure(job, asked, { ...before, after: before.after }, { deps, limits });
  const box = boxes[before.box];
  if (box === undefined) return amongRegistered(job, asked, before, { deps, limits });
  const erasure = { person: asked.person, box, at: job.createdAt };
  const now = await deps.eraser.eraseSome(erasure, limits.events, before.now ?? begunAfter(before.before));
  const all = [...before.before, now];
  const done = all.reduce((sum, { events }) => sum + events, 0);
  const next = now.isDone ? { ...before, box: before.box + 1, before: [addedUp(all)], now: null } : { ...before, now };
  return { ...job, done, of: Math.max(job.of, done), progress: next satisfies Progress };
}

/** The next box begins with the pictures that those before it have left: its events may be the last that show them. */
function begunAfter(boxes: readonly ErasureProgress[]): ErasureProgress {
  return { ...noneErased, shared: boxes.at(-1)?.shared ?? [] };
}

/**
 * The erased data of several boxes, added up, with the pictures that the last box has left: all are stored in one row.
 */
function addedUp(all: readonly ErasureProgress[]): ErasureProgress {
  const sum = (name: "events" | "pictures" | "quarantine" | "outbox") =>
    all.reduce((total, one) => total + one[name], 0);
  return {
    events: sum("events"),
    pictures: sum("pictures"),
    quarantine: sum("quarantine"),
    outbox: sum("outbox"),
    shared: (all.at(-1)?.shared ?? []).slice(0, maxShared),
    upTo: null,
    isDone: true,
  };
}

/** The number of events to erase; 0 if one of them is broken, because then they cannot be counted. */
async function eventsOf({ person, boxes, all }: StoredEraseRequest, deps: JobDeps): Promise<number> {
  try {
    const { people } = await peopleOf(person, deps);
    const meant = people.filter(({ box }) => all === true || boxes?.includes(box));
    return meant.reduce((sum, { events }) => sum + events, 0);
  } catch (error) {
    if (brokenEvent(error) === null) throw error;
    return 0;
  }
}

async function amongRegistered(
  job: Job,
  asked: StoredEraseRequest,
  before: Progress,
  { deps, limits }: { deps: JobDeps; limits: SliceLimits },
): Promise<Job> {
  const boxes = asked.boxes ?? null;
  const whom = { person: asked.person, boxes };
  const registered = await eraseRegistered(whom, { limit: limits.events, before: before.registered }, deps);
  const done = before.before.reduce((sum, { events }) => sum + events, registered.events);
  const next: Progress = { ...before, registered };
  if (registered.isDone) {
    await dropExports(whom, deps);
    // This runs before the count, because counting a large quarantine takes long.
    const removals = await askForRemovals(job, { person: asked.person, boxes: asked.libraries ?? [] }, deps);
    next.after = { removals, unknown: noneUnknown };
  }
  return { ...job, done, of: Math.max(job.of, done), progress: next };
}

type Erased = Progress & Required<Pick<Progress, "after">>;

async function afterErasure(
  job: Job,
  asked: StoredEraseRequest,
  before: Erased,
  { deps, limits }: { deps: JobDeps; limits: SliceLimits },
): Promise<Job> {
  const { unknown: counted, removals } = before.after;
  const unknown = await countUnknown(asked.boxes ?? null, { limit: limits.events, before: counted }, deps);
  const after = { ...before, after: { removals, unknown } };
  return unknown.isDone ? finish(job, after, deps) : { ...job, progress: after };
}

async function finish(
  job: Job,
  { before: boxes, registered, records = [], after }: Erased,
  deps: JobDeps,
): Promise<Job> {
  const sum = (name: "events" | "pictures" | "quarantine" | "outbox") =>
    boxes.reduce((total, one) => total + one[name], registered?.[name] ?? 0);
  const unknown = await unknownOnReceipt(after.unknown, deps);
  const result: z.output<typeof receipt> = {
    // If the process ended before a slice was noted, the sum lacks its events, and the first count is right.
    erased: {
      events: Math.max(job.of, sum("events")),
      pictures: sum("pictures"),
      quarantine: sum("quarantine"),
      outbox: sum("outbox"),
    },
    kept: { pictures: boxes.at(-1)?.shared.length ?? 0 },
    unknown: { quarantine: unknown.count, goneBy: dateOf(unknown.goneBy) },
    agesOut: deps.jobs.erasures.agesOut(deps.clock()).map(({ what, goneBy }) => ({ what, goneBy: dateOf(goneBy) })),
    suppressed: true,
    removals: after.removals,
    at: new Date(deps.clock()).toISOString(),
    by: job.by,
    records,
    keptOutUntil: keptOutUntil(job.createdAt, deps),
  };
  deps.log.info("person erased", { job: job.id, ...result.erased });
  return { ...job, state: "done", done: result.erased.events, of: result.erased.events, result };
}

/** The last moment that a date of four digits has. */
const lastTime = Date.UTC(10_000, 0) - 1;

/** The day by whose end something is gone. */
function dateOf(time: number | null): string | null {
  return time === null ? null : new Date(Math.min(time, lastTime)).toISOString().slice(0, 10);
}
