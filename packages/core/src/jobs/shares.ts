import { storedJson } from "@gatepost/protocol";
import { asRead, type Item, type Rows, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { jobLifetimeMs, type StoredJob } from "./job.ts";
import { dayOf, type JobRoom, type NoRoom } from "./room.ts";

/** The jobs of one key, and when (ms since 1970) each got its place. */
const places = z.array(z.tuple([z.string(), z.number()]));
type Places = z.output<typeof places>;

/** `jobs of KEY`: `asked` counts the jobs of `day` (days since 1970). */
const shares = new RecordKind(
  "jobs of ",
  z.object({ places: storedJson(places), version: z.number(), day: z.number(), asked: z.number() }),
);
type Share = ReturnType<typeof shares.read>;

const none: Share = { places: [], version: 0, day: 0, asked: 0 };

/** ms after which a place without a written job is free: its process has ended. */
const writtenWithinMs = 60_000;

interface Deps {
  items: Rows;
  /** ms since 1970. */
  clock(): number;
  /** Which of some jobs exist, and whether they have ended. */
  endedOf(ids: readonly string[]): Promise<ReadonlyMap<string, boolean>>;
}

/** How many jobs each key has that have not ended, and how many it asked for today. */
export class Shares {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** How many jobs a key has started today (UTC). */
  async askedToday(by: string): Promise<number> {
    const { day, asked } = shareIn(await this.#deps.items.get(shares.pk(by)));
    return day === dayOf(this.#deps.clock()) ? asked : 0;
  }

  /** Takes one of the places that a key has for jobs. Returns the reason if there is none, or null. */
  async take(
    job: Pick<StoredJob, "id" | "by" | "createdAt">,
    { ofKey, aDay }: Pick<JobRoom, "ofKey" | "aDay">,
  ): Promise<NoRoom | null> {
    const { items } = this.#deps;
    const day = dayOf(job.createdAt);
    // Each lost round was won by another job of this key, and there are only so many places.
    for (let round = 0; round <= 2 * ofKey; round++) {
      const item = await items.get(shares.pk(job.by));
      const held = shareIn(item);
      // The answer to the write that took it was lost.
      if (held.places.some(([id]) => id === job.id)) return null;
      const taken = await this.#takenOf(held.places);
      if (taken.length >= ofKey) return "key-is-full";
      const asked = held.day === day ? held.asked : 0;
      if (aDay !== null && asked >= aDay) return "day-is-full";
      const share = {
        places: JSON.stringify([...taken, [job.id, job.createdAt]] satisfies Places),
        version: held.version + 1,
        day,
        asked: asked + 1,
        ttl: ttlAt(job.createdAt + jobLifetimeMs),
      };
      const { applied } = await items.write(shares.record(job.by, share, asRead(item, ["version", "places"])));
      if (applied) return null;
    }
    throw new Error("other jobs of this key were always faster");
  }

  /** The places of jobs that have not ended. A job that is not found may be just about to be written. */
  async #takenOf(held: Places): Promise<Places> {
    const ended = await this.#deps.endedOf(held.map(([id]) => id));
    return held.filter(([id, at]) => !(ended.get(id) ?? at <= this.#deps.clock() - writtenWithinMs));
  }
}

/** An unreadable item has no place: otherwise its key could start no job while the item exists. */
function shareIn(item: Item | null): Share {
  return (item === null ? null : shares.readable(item)) ?? none;
}
