import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";
import { timeOf } from "../dynamo/monotonic-clock.ts";
import { forEachLimit } from "./for-each-limit.ts";

/** ms by which one event may overtake another on its way to readers without a note: clocks, tries to write, shards of the stream. */
const overtaking = 5000;

/** ms after which what is pushed may have been overtaken by more than that. */
const late = 3000;

/** ms within which whoever notes a gap has let go or told everybody. */
const ahead = 60_000;

/** ms that share a row. */
const rowMs = 60_000;

const day = 24 * 60 * 60 * 1000;

/** Who goes on behind an event. */
export interface Resuming {
  keyId: string;
  eventId: string;
}

/**
 * Where the feed has had gaps: readers that have seen an event of then may lack some that were made before it. A row for
 * every minute in which that was so has the time from which on they may.
 */
export class DeliveryGaps {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;
  readonly #lifetime: number;

  /** @param lifetime of events, ms: nobody goes on behind one that has expired */
  constructor(dynamo: Dynamo, { clock, lifetime }: { clock(): number; lifetime: number }) {
    this.#dynamo = dynamo;
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  /** Notes that readers may lack what was made from then (ms) on, whatever they have seen of it, and of a minute from now. */
  async note(from: number): Promise<void> {
    const until = this.#clock() + ahead;
    const ttl = ttlAt(until + this.#lifetime);
    const condition = "attribute_not_exists(#from) OR #from > :from";
    const rows = Array.from({ length: minuteOf(until) - minuteOf(from) + 1 }, (_, n) => gapRow(from + n * rowMs));
    await forEachLimit(rows, async (pk) => {
      await this.#dynamo.update({ pk, set: { from, ttl }, condition, values: { from } });
    });
  }

  /** Notes of what is only now told that it is late, if it is. */
  async noteIfLate(sequences: readonly string[]): Promise<void> {
    const oldest = Math.min(...sequences.map(timeOf));
    if (this.#clock() - oldest > late) await this.note(oldest);
  }

  /** Notes that an event was the last that this reader got, with all before it in their order, so that it gets on. */
  async checkpoint(subscriber: Resuming): Promise<void> {
    const ttl = ttlAt(this.#clock() + day);
    await this.#dynamo.update({ pk: checkpointRow(subscriber), set: { ttl } });
  }

  /** From when on (ms) a reader may lack events that has seen one that was made then (ms). */
  async before(madeAt: number, subscriber: Resuming): Promise<number> {
    const rows = await this.#dynamo.getAll([gapRow(madeAt), checkpointRow(subscriber)]);
    const gap = rows.has(checkpointRow(subscriber)) ? undefined : rows.get(gapRow(madeAt));
    return Math.min(madeAt - overtaking, Number(gap?.["from"] ?? madeAt));
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / rowMs);
}

function gapRow(time: number): string {
  return `gap ${minuteOf(time)}`;
}

function checkpointRow({ keyId, eventId }: Resuming): string {
  return `passed ${keyId} ${eventId}`;
}
