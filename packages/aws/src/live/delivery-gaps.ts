import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { ttlAt } from "../dynamo/expiry.ts";
import { forEachLimit } from "../dynamo/for-each-limit.ts";
import { skewMs, timeOf } from "../dynamo/monotonic-clock.ts";

/** What is published later than this (ms) is noted. */
const late = 3000;

/**
 * ms by which one event may overtake another on its way to subscribers without a note: so late it may be, and the clocks
 * differ that gave the two their sequences.
 */
const overtaking = late + skewMs;

/** ms within which a process that notes a gap has sent the events or disconnected everybody. */
const ahead = 60_000;

/** ms of events that share one row. */
const rowMs = 60_000;

const day = 24 * 60 * 60 * 1000;

const gapFrom = z.object({ from: z.number() });
const readUpTo = z.object({ to: z.number() });

/** A subscriber that continues after an event. */
export interface Resuming {
  keyId: string;
  eventId: string;
  /** The digest of all that it asks for. */
  asked: string;
}

/**
 * Where the feed had gaps: a subscriber that has seen an event of that time may have missed some that were made before
 * it. Each minute in which that is so has a row, with the time from which on events may have been missed.
 */
export class DeliveryGaps {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;
  readonly #lifetime: number;

  /** @param lifetime ms until an event expires: nobody continues after an expired event */
  constructor(dynamo: Dynamo, { clock, lifetime }: { clock(): number; lifetime: number }) {
    this.#dynamo = dynamo;
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  /**
   * Notes that subscribers may have missed what was made at `from` (ms) or later, whatever they have seen of it until a
   * minute from now.
   */
  async note(from: number): Promise<void> {
    const until = this.#clock() + ahead;
    const ttl = ttlAt(until + this.#lifetime);
    const condition = "attribute_not_exists(#from) OR #from > :from";
    const rows = Array.from({ length: minuteOf(until) - minuteOf(from) + 1 }, (_, n) => gapRow(from + n * rowMs));
    await forEachLimit(rows, async (pk) => {
      await this.#dynamo.update({ pk, set: { from, ttl }, condition, values: { from } });
    });
  }

  /** Notes a gap where these events are published late. */
  async noteIfLate(sequences: readonly string[]): Promise<void> {
    const oldest = Math.min(...sequences.map(timeOf));
    if (this.#clock() - oldest > late) await this.note(oldest);
  }

  /** Notes that this subscriber has got all events up to this one, in their order, so that it can continue there. */
  async checkpoint(subscriber: Omit<Resuming, "asked">): Promise<void> {
    const ttl = ttlAt(this.#clock() + day);
    await this.#dynamo.update({ pk: checkpointRow(subscriber), set: { ttl } });
  }

  /** Notes that nothing up to this time (ms) concerns this subscriber, as long as it asks for the same. */
  async noteRead(subscriber: Resuming, to: number): Promise<void> {
    await this.#dynamo.update({ pk: readRow(subscriber), set: { to, ttl: ttlAt(this.#clock() + day) } });
  }

  /**
   * The time (ms) from which on a subscriber may have missed events, if the last one it has seen was made at `madeAt`.
   */
  async before(madeAt: number, subscriber: Resuming): Promise<number> {
    const rows = await this.#dynamo.getAll([gapRow(madeAt), checkpointRow(subscriber), readRow(subscriber)]);
    const read = rows.get(readRow(subscriber));
    if (read !== undefined) return parseStored(readUpTo, read, readRow(subscriber)).to;
    const gap = rows.has(checkpointRow(subscriber)) ? undefined : rows.get(gapRow(madeAt));
    const from = gap === undefined ? madeAt : parseStored(gapFrom, gap, gapRow(madeAt)).from;
    return Math.min(madeAt - overtaking, from);
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / rowMs);
}

function gapRow(time: number): string {
  return `gap ${minuteOf(time)}`;
}

function checkpointRow({ keyId, eventId }: Omit<Resuming, "asked">): string {
  return `passed ${keyId} ${eventId}`;
}

function readRow({ keyId, eventId, asked }: Resuming): string {
  return `read ${keyId} ${eventId} ${asked}`;
}
