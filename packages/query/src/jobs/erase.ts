import * as z from "zod";
import type { ErasureProgress } from "../ports/eraser.ts";
import type { JobDeps, SliceLimits } from "./deps.ts";
import { dropExports } from "./drop-exports.ts";
import type { Job, StoredEraseRequest } from "./job.ts";
import { peopleOf } from "./people.ts";
import { eraseRegistered, type RegisteredProgress, registeredProgress } from "./registered.ts";
import { askForRemovals, removalsOnReceipt } from "./removals.ts";

const pageSize = 500;
const msPerDay = 24 * 60 * 60 * 1000;

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
 * Where an erasure is: at which of its boxes, and what it has done of the boxes before and of this one; and after these, among
 * strangers who were registered as the person.
 */
const progress = z.object({
  box: z.int(),
  before: z.array(erased),
  now: erased.nullable(),
  registered: registeredProgress.exactOptional(),
});

/** What an erasure has reached, and what it has not. Dates are of UTC days. */
export const receipt = z.object({
  erased: z.object({ events: z.int(), pictures: z.int(), quarantine: z.int(), outbox: z.int() }),
  kept: z.object({ pictures: z.int() }),
  unknown: z.object({ quarantine: z.int(), goneBy: z.iso.date().nullable() }),
  agesOut: z.array(z.object({ what: z.string(), goneBy: z.iso.date().nullable() })),
  suppressed: z.literal(true),
  removals: removalsOnReceipt,
  at: z.iso.datetime(),
  by: z.string(),
});

/** One slice of an erasure: counts first, then erases box by box. */
export async function eraseSlice(
  job: Job,
  asked: StoredEraseRequest,
  deps: JobDeps,
  limits: SliceLimits,
): Promise<Job> {
  const boxes: readonly (string | null)[] = asked.boxes ?? [null];
  if (job.progress === null) {
    const { people } = await peopleOf(asked.person, deps);
    const meant = people.filter(({ box }) => asked.all === true || boxes.includes(box));
    const of = meant.reduce((sum, { events }) => sum + events, 0);
    return { ...job, of, progress: { box: 0, before: [], now: null } satisfies z.output<typeof progress> };
  }
  const before = progress.parse(job.progress);
  const box = boxes[before.box];
  if (box === undefined) return amongRegistered(job, asked, before, { deps, limits });
  const erasure = { person: asked.person, box, at: job.createdAt };
  const now = await deps.eraser.eraseSome(erasure, limits.events, before.now ?? undefined);
  const all = [...before.before, now];
  const done = all.reduce((sum, { events }) => sum + events, 0);
  const next = now.isDone ? { box: before.box + 1, before: all, now: null } : { ...before, now };
  return { ...job, done, of: Math.max(job.of, done), progress: next satisfies z.output<typeof progress> };
}

async function amongRegistered(
  job: Job,
  asked: StoredEraseRequest,
  before: z.output<typeof progress>,
  { deps, limits }: { deps: JobDeps; limits: SliceLimits },
): Promise<Job> {
  const boxes = asked.boxes ?? null;
  const whom = { person: asked.person, boxes };
  const registered = await eraseRegistered(whom, { limit: limits.events, before: before.registered }, deps);
  if (registered.isDone) return finish(job, asked, { boxes: before.before, registered }, deps);
  const done = before.before.reduce((sum, { events }) => sum + events, registered.events);
  return { ...job, done, of: Math.max(job.of, done), progress: { ...before, registered } };
}

async function finish(
  job: Job,
  asked: StoredEraseRequest,
  { boxes, registered }: { boxes: readonly ErasureProgress[]; registered: RegisteredProgress },
  deps: JobDeps,
): Promise<Job> {
  await dropExports({ person: asked.person, boxes: asked.boxes ?? null }, deps);
  const sum = (name: "events" | "pictures" | "quarantine" | "outbox") =>
    boxes.reduce((total, one) => total + one[name], registered[name]);
  const unknown = await unknownRecords(asked.boxes ?? [null], deps);
  const result: z.output<typeof receipt> = {
    // A slice that was done and not noted, because the process ended, is counted by what was there at the beginning.
    erased: {
      events: Math.max(job.of, sum("events")),
      pictures: sum("pictures"),
      quarantine: sum("quarantine"),
      outbox: sum("outbox"),
    },
    kept: { pictures: new Set(boxes.flatMap(({ shared }) => shared)).size },
    unknown: { quarantine: unknown.count, goneBy: dateOf(unknown.goneBy) },
    agesOut: deps.jobs.erasures.agesOut(deps.clock()).map(({ what, goneBy }) => ({ what, goneBy: dateOf(goneBy) })),
    suppressed: true,
    removals: await askForRemovals(job, { person: asked.person, boxes: asked.libraries ?? [] }, deps),
    at: new Date(deps.clock()).toISOString(),
    by: job.by,
  };
  deps.log.info("person erased", { job: job.id, ...result.erased });
  return { ...job, state: "done", done: result.erased.events, of: result.erased.events, result };
}

/** What quarantine has of which no event was made: nobody knows whom it is about. */
async function unknownRecords(
  boxes: readonly (string | null)[],
  { quarantine, server }: JobDeps,
): Promise<{ count: number; goneBy: number | null }> {
  let count = 0;
  let latest = Number.NEGATIVE_INFINITY;
  for (const box of boxes) {
    let cursor: string | null = null;
    do {
      const page = await quarantine.list(box, { limit: pageSize, cursor });
      const unknown = page.items.filter(({ event }) => event === null);
      count += unknown.length;
      latest = Math.max(latest, ...unknown.map(({ receivedAt }) => receivedAt));
      cursor = page.next;
    } while (cursor !== null);
  }
  const { quarantineDays } = await server.retention();
  return { count, goneBy: count === 0 ? null : latest + quarantineDays * msPerDay };
}

/** The day by whose end something is gone. */
function dateOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString().slice(0, 10);
}
