import { parseStored, storedJson } from "@gatepost/protocol";
import { type Job, jobLifetimeMs } from "@gatepost/query";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";

/** Jobs of one key, and when (ms since 1970) each took its place. */
const places = z.array(z.tuple([z.string(), z.number()]));
type Places = z.output<typeof places>;

const shareRow = z.object({ places: storedJson(places), version: z.number() });

/** ms after which a place whose job was never written is free: whoever took it has ended. */
const writtenWithinMs = 60_000;

interface Deps {
  dynamo: Dynamo;
  clock(): number;
  /** Which of some jobs exist, and whether they have ended. */
  endedOf(ids: readonly string[]): Promise<ReadonlyMap<string, boolean>>;
}

/** Takes a place for a job among the `ofKey` of its key. False where all are taken. */
export async function takePlace(
  job: Pick<Job, "id" | "by" | "createdAt">,
  ofKey: number,
  deps: Deps,
): Promise<boolean> {
  const { dynamo } = deps;
  const pk = `jobs of ${job.by}`;
  // Each round that is lost was won by another job of this key, and there is room for so many alone.
  for (let round = 0; round <= 2 * ofKey; round++) {
    const row = await dynamo.get(pk);
    const held = row === null ? { places: [], version: 0 } : parseStored(shareRow, row, pk);
    const taken = await takenOf(held.places, deps);
    if (taken.length >= ofKey) return false;
    const { applied } = await dynamo.update({
      pk,
      set: {
        places: JSON.stringify([...taken, [job.id, job.createdAt]] satisfies Places),
        version: held.version + 1,
        ttl: ttlAt(job.createdAt + jobLifetimeMs),
      },
      condition: row === null ? "attribute_not_exists(#pk)" : "#version = :version",
      values: row === null ? {} : { version: held.version },
    });
    if (applied) return true;
  }
  throw new Error("other jobs of this key were always faster");
}

/** The places whose jobs have not ended. One that is not there yet may be written just now. */
async function takenOf(places: Places, { clock, endedOf }: Deps): Promise<Places> {
  const ended = await endedOf(places.map(([id]) => id));
  return places.filter(([id, at]) => !(ended.get(id) ?? at <= clock() - writtenWithinMs));
}
