import { storedJson } from "@gatepost/protocol";
import { dayOf, type Job, type JobRoom, jobLifetimeMs, type NoRoom } from "@gatepost/query";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";
import type { Item } from "../dynamo/item.ts";
import { asRead } from "../dynamo/item-update.ts";

/** The jobs of one key, and when (ms since 1970) each got its place. */
const places = z.array(z.tuple([z.string(), z.number()]));
type Places = z.output<typeof places>;

/** `asked` counts the jobs of `day` (days since 1970). Rows from before that count have neither. */
const shareRow = z.object({
  places: storedJson(places),
  version: z.number(),
  day: z.number().default(0),
  asked: z.number().default(0),
});
type Share = z.output<typeof shareRow>;

/** ms after which a place without a written job is free: its process has ended. */
const writtenWithinMs = 60_000;

interface Deps {
  dynamo: Dynamo;
  clock(): number;
  /** Which of some jobs exist, and whether they have ended. */
  endedOf(ids: readonly string[]): Promise<ReadonlyMap<string, boolean>>;
}

/** How many jobs a key has started on the day (UTC) of a time. */
export async function askedOn(time: number, by: string, dynamo: Dynamo): Promise<number> {
  const { day, asked } = shareIn(await dynamo.get(rowOf(by)));
  return day === dayOf(time) ? asked : 0;
}

/** Takes one of the places that a key has for jobs. Returns why there is none, or null. */
export async function takePlace(
  job: Pick<Job, "id" | "by" | "createdAt">,
  { ofKey, aDay }: Pick<JobRoom, "ofKey" | "aDay">,
  deps: Deps,
): Promise<NoRoom | null> {
  const { dynamo } = deps;
  const pk = rowOf(job.by);
  const day = dayOf(job.createdAt);
  // Each lost round was won by another job of this key, and there are only so many places.
  for (let round = 0; round <= 2 * ofKey; round++) {
    const row = await dynamo.get(pk);
    const held = shareIn(row);
    const taken = await takenOf(held.places, deps);
    if (taken.length >= ofKey) return "key-is-full";
    const asked = held.day === day ? held.asked : 0;
    if (aDay !== null && asked >= aDay) return "day-is-full";
    const { applied } = await dynamo.update({
      pk,
      set: {
        places: JSON.stringify([...taken, [job.id, job.createdAt]] satisfies Places),
        version: held.version + 1,
        day,
        asked: asked + 1,
        ttl: ttlAt(job.createdAt + jobLifetimeMs),
      },
      ...asRead(row ?? {}, ["version", "places"]),
    });
    if (applied) return null;
  }
  throw new Error("other jobs of this key were always faster");
}

function rowOf(by: string): string {
  return `jobs of ${by}`;
}

/** A row that cannot be read holds no place: else its key could start no job as long as it is there. */
function shareIn(row: Item | null): Share {
  return shareRow.safeParse(row).data ?? { places: [], version: 0, day: 0, asked: 0 };
}

/** The places of jobs that have not ended. A job that is not found may be just about to be written. */
async function takenOf(places: Places, { clock, endedOf }: Deps): Promise<Places> {
  const ended = await endedOf(places.map(([id]) => id));
  return places.filter(([id, at]) => !(ended.get(id) ?? at <= clock() - writtenWithinMs));
}
