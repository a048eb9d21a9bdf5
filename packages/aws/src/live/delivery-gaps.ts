import { dayMs, hourMs, parseStored } from "@gatepost/protocol";
import { absent, any, compare, type Item, ttlAt } from "@gatepost/store";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { forEachLimit } from "../dynamo/groups.ts";
import { sequenceAt, skewMs, timeOf } from "../dynamo/monotonic-clock.ts";
import { RecentCache } from "../dynamo/recent-cache.ts";
import { settleMs } from "../events/heartbeats.ts";

/** An event that is published later than this (ms) is noted. */
const lateAfterMs = 3000;

/**
 * Most ms by which one event may overtake another on its way to clients without a note: events may be late by so much,
 * and the clocks that gave their sequences may differ.
 */
export const maxOvertakingMs = lateAfterMs + skewMs;

/** ms within which a process that notes a gap has sent the events, or disconnected all clients. */
const gapAheadMs = 60_000;

/** ms of events that share one row. */
const rowMs = 60_000;

/**
 * No gap is noted further back (ms) than the queue of given-up batches keeps them. A broken time of an event, or a
 * message of another sender, must not ask for a row for each minute since 1970.
 */
const maxGapMs = 14 * dayMs;

/** Rows that a process remembers, and ms for which it does: no longer, because a table may be restored. */
const maxRemembered = 1000;
const rememberedFor = hourMs;

const gapFrom = z.object({ from: z.number() });
const toldFrom = z.object({ from: z.number(), settled: z.number().optional() });
const searchedUpTo = z.object({ place: z.string() });
const readUpTo = z.object({ from: z.number(), place: z.string() });

/** The position at which a client continues. */
export interface FeedPosition {
  /** The time (ms since 1970) from which it may have missed events. */
  from: number;
  /** The cursor after which the feed of changes is read. */
  cursor: string;
}

/** A subscriber that continues after an event. */
export interface Resuming {
  keyId: string;
  eventId: string;
  /** The digest of its configuration, without the position. */
  asked: string;
}

/** A subscriber that continues at the cursor of a message. */
export interface Searching extends Omit<Resuming, "eventId"> {
  /** The place in the feed that its cursor contains. */
  place: string;
}

/**
 * Gaps of the feed: a client that has seen an event of such a time may have missed some that were made before it. Each
 * minute with a gap has a row, with the time from which events may have been missed.
 */
export class DeliveryGaps {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;
  readonly #lifetime: number;
  /** The time that a row has at most, as this process wrote or found it. */
  readonly #noted = new RecentCache<number>(maxRemembered);

  /** @param lifetime ms until an event expires: no client continues after an expired event */
  constructor(dynamo: Dynamo, { clock, lifetime }: { clock(): number; lifetime: number }) {
    this.#dynamo = dynamo;
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  /**
   * Notes that clients may have missed events made at a time (ms since 1970) or later, even if they get newer ones
   * within the next minute. While the stream is late, each batch notes nearly the same: only rows that this changes are
   * written, which mostly is one a minute.
   */
  async note(asked: number): Promise<void> {
    const now = this.#clock();
    const from = Math.max(asked, now - maxGapMs);
    const until = now + gapAheadMs;
    const ttl = ttlAt(until + this.#lifetime);
    const rows = Array.from({ length: minuteOf(until) - minuteOf(from) + 1 }, (_, n) => gapRow(from + n * rowMs));
    const changed = rows.filter((pk) => (this.#noted.find(pk, now - rememberedFor) ?? Number.POSITIVE_INFINITY) > from);
    await forEachLimit(changed, async (pk) => {
      await this.#noteEarliest(pk, "from", { time: from, ttl });
      this.#noted.note(pk, from, now);
    });
  }

  /** Notes a gap if these events are published late. */
  async noteIfLate(sequences: readonly string[]): Promise<void> {
    const oldest = Math.min(...sequences.map(timeOf));
    if (this.#clock() - oldest > lateAfterMs) await this.note(oldest);
  }

  /**
   * The time (ms since 1970) from which a client whose last event was made at `madeAt` may have missed events; null
   * without a gap.
   */
  async gapAt(madeAt: number): Promise<number | null> {
    const rows = await this.#dynamo.getAll([gapRow(madeAt)]);
    return rowIn(rows, gapRow(madeAt), gapFrom)?.from ?? null;
  }

  /**
   * Notes that this client is about to get an event while it may miss others that were made at `from` (ms since 1970)
   * or later: in the feed of changes, older events that have changed since come after it. The connection may end there,
   * and the client may continue at any time while the event exists.
   */
  async noteTold({ keyId, eventId }: Omit<Resuming, "asked">, from: number): Promise<void> {
    const ttl = ttlAt(this.#clock() + this.#lifetime);
    await this.#noteEarliest(toldRow({ keyId, eventId }), "from", { time: from, ttl });
  }

  /**
   * Notes after `noteTold` that the index lags by more than 10 s: of the changes after `settled` (ms since 1970) the
   * client may miss some that are older than this event.
   */
  async noteSettled({ keyId, eventId }: Omit<Resuming, "asked">, settled: number): Promise<void> {
    const ttl = ttlAt(this.#clock() + this.#lifetime);
    await this.#noteEarliest(toldRow({ keyId, eventId }), "settled", { time: settled, ttl });
  }

  /**
   * Notes that this client is about to get an event from the publisher, while events that changed at `from` (ms since
   * 1970) or later may still have to be sent to it by catching up.
   */
  async notePushed({ keyId, eventId }: Omit<Resuming, "asked">, from: number): Promise<void> {
    const ttl = ttlAt(this.#clock() + this.#lifetime);
    await this.#noteEarliest(pushedRow({ keyId, eventId }), "from", { time: from, ttl });
  }

  async #noteEarliest(pk: string, name: "from" | "settled", { time, ttl }: { time: number; ttl: number }) {
    const when = any(absent(name), compare(name, ">=", time));
    await this.#dynamo.update({ pk, set: { [name]: time, ttl }, when });
  }

  /** Notes how far this client has got all its events; this event was the last one. */
  async noteRead(subscriber: Resuming, { from, cursor }: FeedPosition): Promise<void> {
    const ttl = ttlAt(this.#clock() + dayMs);
    await this.#dynamo.update({ pk: readRow(subscriber), set: { from, place: cursor, ttl } });
  }

  /** Notes how far the feed was searched for a client that sent the cursor of `place`, and no event was found for it. */
  async noteSearched(subscriber: Searching, cursor: string): Promise<void> {
    await this.#dynamo.update({
      pk: searchedRow(subscriber),
      set: { place: cursor, ttl: ttlAt(this.#clock() + dayMs) },
    });
  }

  /** The cursor up to which `noteSearched` has noted that a client has missed nothing; null if it has not. */
  async searchedFrom(subscriber: Searching): Promise<string | null> {
    const row = await this.#dynamo.get(searchedRow(subscriber));
    return searchedUpTo.safeParse(row).data?.place ?? null;
  }

  /** The position at which a client continues whose last event was made at `madeAt` (ms since 1970). */
  async positionOf(madeAt: number, subscriber: Resuming): Promise<FeedPosition> {
    const pks = [gapRow(madeAt), toldRow(subscriber), pushedRow(subscriber), readRow(subscriber)];
    const rows = await this.#dynamo.getAll(pks);
    const owed = rowIn(rows, pushedRow(subscriber), gapFrom);
    const read = readUpTo.safeParse(rows.get(readRow(subscriber))).data;
    if (read !== undefined && owed === undefined) return { from: read.from, cursor: read.place };
    const told = rowIn(rows, toldRow(subscriber), toldFrom);
    const gap = rowIn(rows, gapRow(madeAt), gapFrom);
    const from = Math.min(madeAt - maxOvertakingMs, gap?.from ?? madeAt, owed?.from ?? madeAt);
    // An event that was not in the index yet at that time has no older sequence than this.
    const cursor = told === undefined ? from : Math.min(from, madeAt - settleMs, told.settled ?? madeAt);
    return { from: Math.min(from, told?.from ?? from), cursor: sequenceAt(cursor) };
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / rowMs);
}

function gapRow(time: number): string {
  return `gap ${minuteOf(time)}`;
}

function toldRow({ keyId, eventId }: Omit<Resuming, "asked">): string {
  return `passed ${keyId} ${eventId}`;
}

function pushedRow({ keyId, eventId }: Omit<Resuming, "asked">): string {
  return `pushed ${keyId} ${eventId}`;
}

function readRow({ keyId, eventId, asked }: Resuming): string {
  return `read ${keyId} ${eventId} ${asked}`;
}

function searchedRow({ keyId, place, asked }: Searching): string {
  return `read ${keyId} ${place} ${asked}`;
}

function rowIn<Row>(rows: ReadonlyMap<string, Item>, pk: string, schema: z.ZodType<Row>): Row | undefined {
  const row = rows.get(pk);
  return row === undefined ? undefined : parseStored(schema, row, pk);
}
