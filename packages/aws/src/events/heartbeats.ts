import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "@gatepost/core/log";
import { between, not } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { textOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { shardsOf } from "../dynamo/lists.ts";
import { sequenceAt, skewMs, timeOf } from "../dynamo/monotonic-clock.ts";
import { RenewedRows } from "../dynamo/renewed-rows.ts";

/** No change is settled before this age (ms), however fast the index is. */
const settleMs = 10_000;

/**
 * ms by which a change may reach the table after a heartbeat with a later time: two clocks differ, and a write is
 * retried for 2 s at most.
 */
const overtakenMs = skewMs + 2000;

/** A heartbeat of this age (ms) is renewed. */
const renewAfterMs = 2000;

/** Readers renew heartbeats if the feed is settled only up to a time of this age (ms). */
export const heldUpAfterMs = 2 * settleMs;

/** A heartbeat of this age (ms) is renewed even without a reader of the feed. */
const watchedAfterMs = 5 * 60_000;

/** ms by which the index may lag without a line in the log. */
const lagsAfterMs = 60_000;

/** ms for which a process relies on the heartbeats that it saw last. */
const knownForMs = 1000;

/** Pauses (ms) before each further look for renewed heartbeats in the index, which mostly shows them within 50 ms. */
const pausesMs = [50, 100, 200, 400];

/** Its range keys are after all changes, so that a reader of changes does not see heartbeats. */
const prefix = "~ ";
const [first, last] = [prefix, "~~"];

const shards = shardsOf(lists.changes);

/** `since`: the time when it was made, ms since 1970. */
const beat = z.object({ changed: z.string(), since: z.number() });

/** The times of the heartbeats that an index shows, by their shards, and when they were looked at: ms since 1970. */
interface Shown {
  at: number;
  times: ReadonlyMap<string, number>;
}

/**
 * The heartbeats of the feed of changes: one row in each of its shards, which readers renew. An index that shows a
 * heartbeat also shows the changes of that shard from before it. So the feed is settled up to the oldest one, however
 * far the index lags. A missing heartbeat, or one ahead of the clock, settles nothing.
 */
export class Heartbeats {
  readonly #dynamo: Dynamo;
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #rows: RenewedRows;
  #shown: Shown | null = null;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor({ dynamo, log, clock }: { dynamo: Dynamo; log: Log; clock(): number }) {
    this.#dynamo = dynamo;
    this.#log = log;
    this.#rows = new RenewedRows(log);
    this.#clock = clock;
  }

  /**
   * The sequence up to which the feed is settled: a reader of the index finds every change up to it from now on. It is
   * the earlier of two: the time 10 s ago, and 7 s before the oldest heartbeat. The index is looked at again only if the
   * heartbeats that it showed before do not settle the feed up to 20 s ago: they are as true as they were.
   */
  async settled(): Promise<string> {
    const now = this.#clock();
    const settledBy = (oldest: number) => Math.min(now - settleMs, oldest - overtakenMs);
    const known = settledBy(this.#shown === null ? 0 : oldestIn(this.#shown, now));
    return sequenceAt(known >= now - heldUpAfterMs ? known : settledBy(await this.oldest()));
  }

  /** The time of the oldest heartbeat that the index shows, ms since 1970; 0 if one is missing or ahead of the clock. */
  async oldest(): Promise<number> {
    return oldestIn(await this.#look(), this.#clock());
  }

  /** Returns the same as `settled`, but renews the heartbeats first if the feed is not settled up to 20 s ago. */
  async recent(): Promise<string> {
    const settled = await this.settled();
    return settled < sequenceAt(this.#clock() - heldUpAfterMs) ? this.renewed() : settled;
  }

  /** Renews old heartbeats, and waits up to 0.75 s for the index. Returns the same as `settled`. */
  async renewed(): Promise<string> {
    const isRenewed = await this.renew();
    for (const ms of isRenewed ? pausesMs : []) {
      if ((await this.oldest()) >= this.#renewedAt - renewAfterMs) break;
      await pause(ms);
      this.#shown = null;
    }
    return this.settled();
  }

  /**
   * Renews the heartbeats that are older than 2 s, but only once in 2 s. Returns whether it did. A failure is only
   * logged, because the feed then settles later.
   */
  async renew(): Promise<boolean> {
    const now = this.#clock();
    if (isWithin(renewAfterMs, this.#renewedAt, now)) return false;
    this.#renewedAt = now;
    const { times } = await this.#look();
    const old = shards.filter((shard) => !isWithin(renewAfterMs, times.get(shard), now));
    const results = await Promise.allSettled(old.map((shard) => this.#beat(shard, now)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) this.#log.warn("could not renew a heartbeat of the feed", { cause: failed.reason });
    this.#shown = null;
    return true;
  }

  /**
   * Logs an error if the index lags by a minute or more. Call it once a minute. It renews heartbeats that the index shows
   * with an age of 5 min; if such a one was renewed before, the index should show a later time.
   */
  async watch(): Promise<void> {
    const now = this.#clock();
    const { times } = await this.#look();
    const old = shards.filter((shard) => !isWithin(watchedAfterMs, times.get(shard), now));
    const lags = old.map(async (shard) => {
      const before = await this.#beat(shard, now);
      const shown = times.get(shard);
      return before === null || timeIn(before.changed) === shown ? 0 : now - (shown ?? before.since);
    });
    const lag = Math.max(0, ...(await Promise.all(lags)));
    if (lag >= lagsAfterMs) this.#log.error("the index of changes lags", { seconds: Math.round(lag / 1000) });
  }

  /** Renews a heartbeat if it is old, or ahead of the clock. Returns its row from before; null if there was none. */
  async #beat(shard: string, now: number): Promise<z.output<typeof beat> | null> {
    const pk = `beat ${shard}`;
    const { previous } = await this.#dynamo.update({
      pk,
      set: { byChange: shard, changed: keyOf(now) },
      setIfAbsent: { since: now },
      when: not(between("changed", keyOf(now - renewAfterMs), keyOf(now + skewMs))),
    });
    return this.#rows.read(beat, previous, pk);
  }

  async #look(): Promise<Shown> {
    const now = this.#clock();
    if (this.#shown !== null && isWithin(knownForMs, this.#shown.at, now)) return this.#shown;
    const range = { index: "changes", from: first, to: last, order: "descending", limit: 1 } as const;
    const found = await Promise.all(shards.map((hash) => this.#dynamo.keys({ ...range, hash }, undefined)));
    const beats = found.flatMap(({ keys }) => keys);
    const times = new Map(beats.map((key) => [textOf(key, "byChange"), timeIn(textOf(key, "changed"))]));
    this.#shown = { at: now, times };
    return this.#shown;
  }
}

function oldestIn({ times }: Shown, now: number): number {
  const known = shards.map((shard) => times.get(shard) ?? 0);
  return Math.min(...known.map((time) => (time <= now + skewMs ? time : 0)));
}

function isWithin(ms: number, time: number | undefined, now: number): boolean {
  return time !== undefined && time <= now && now - time < ms;
}

function keyOf(time: number): string {
  return `${prefix}${sequenceAt(time)}`;
}

function timeIn(key: string): number {
  return timeOf(key.slice(prefix.length));
}
