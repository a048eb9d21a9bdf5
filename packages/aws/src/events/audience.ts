import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "@gatepost/core/log";
import { all, compare } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { skewMs } from "../dynamo/monotonic-clock.ts";
import { RenewedRows } from "../dynamo/renewed-rows.ts";

/*
 * Whether any client is at the live feed. While none is, the writes of events are not marked, the filter of the table's
 * stream leaves them out, and the publisher is not invoked.
 */

/**
 * The rows that say since when the feed has had clients, when the last one connected, and until when its connection may
 * last. They say the same. Each process reads one of them: thousands of processes would be too many for one.
 */
export const audienceRows = Array.from({ length: 8 }, (_, n) => `live audience ${n}`);

const audience = z.lazy(() => z.object({ since: z.number(), enteredAt: z.number(), until: z.number() }));
const lasting = z.lazy(() => z.object({ until: z.number() }));
const begun = z.lazy(() => z.object({ since: z.number() }));

/** The attribute by which the filter of the stream recognises events to publish. */
export const publishedAttribute = { live: 1 } as const;

/** ms for which a process remembers that no client is connected. */
const knownForMs = 1500;

/**
 * ms that the first subscriber waits: after that, every process marks its writes, and has finished its unmarked writes.
 */
const entersInMs = knownForMs + 1000;

/** ms after which the publisher may rely on a list of connections that is empty: the list lags. */
const mayBeEmptyAfterMs = 60_000;

interface Deps {
  /** Needs short time limits: a report waits for its calls. */
  dynamo: Dynamo;
  log: Log;
  clock(): number;
}

/** What the functions for boxes know about live clients. */
export class Audience {
  readonly #deps: Deps;
  readonly #rows: RenewedRows;
  readonly #row = audienceRows[Math.floor(Math.random() * audienceRows.length)] ?? "";
  #until = Number.NEGATIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#rows = new RenewedRows(deps.log);
  }

  /** Whether a client may be connected. True if that cannot be found out in time. */
  async mayListen(): Promise<boolean> {
    const now = this.#deps.clock();
    if (now - this.#readAt >= knownForMs) this.#reading ??= this.#read(now);
    await this.#reading;
    return this.#until > now;
  }

  async #read(now: number): Promise<void> {
    try {
      const row = (await this.#deps.dynamo.getAll([this.#row])).get(this.#row);
      const until = this.#rows.read(lasting, row, this.#row)?.until;
      // A broken row does not show it, so a client may be connected.
      this.#until = row === undefined ? 0 : (until ?? Number.POSITIVE_INFINITY);
    } catch (cause) {
      this.#until = Number.POSITIVE_INFINITY;
      this.#deps.log.warn("could not read live-feed audience", { cause });
    } finally {
      this.#readAt = now;
      this.#reading = null;
    }
  }
}

interface Entering {
  now: number;
  /** ms that a connection may last. */
  lastsMs: number;
  /** Waits for so many ms. */
  wait?(ms: number): Promise<unknown>;
}

/**
 * Notes a new client, for as long as its connection may last. Resolves once every process knows that a client is
 * connected. If a row does not say since when, it is written again, like the row of a first client.
 */
export async function enterAudience(dynamo: Dynamo, { now, lastsMs, wait = pause }: Entering): Promise<void> {
  const known = await Promise.all(audienceRows.map((pk) => enterRow(dynamo, pk, { now, lastsMs })));
  const waitsMs = Math.max(...known) - now;
  if (waitsMs > 0) await wait(Math.min(waitsMs, entersInMs));
}

/** Returns when every process that reads this row knows of the client, ms since 1970. */
async function enterRow(dynamo: Dynamo, pk: string, { now, lastsMs }: Omit<Entering, "wait">): Promise<number> {
  const entered = { enteredAt: now, until: now + lastsMs };
  const joined = await dynamo.update({ pk, set: entered, when: compare("until", ">", now) });
  const before = joined.applied ? begun.safeParse(joined.previous).data : undefined;
  // The first client may have been noted by another clock.
  if (before !== undefined) return before.since + entersInMs + skewMs;
  await dynamo.update({ pk, set: { since: now, ...entered } satisfies z.output<typeof audience> });
  return now + entersInMs;
}

/**
 * Notes that no client is connected any more, unless one has connected lately. A broken row does not show that: it is
 * written again as if a client had connected just now.
 */
export async function emptyAudience(dynamo: Dynamo, entering: Omit<Entering, "wait">): Promise<void> {
  await Promise.all(audienceRows.map((pk) => emptyRow(dynamo, pk, entering)));
}

async function emptyRow(dynamo: Dynamo, pk: string, { now, lastsMs }: Omit<Entering, "wait">): Promise<void> {
  const { applied, previous } = await dynamo.update({
    pk,
    set: { until: 0 },
    when: all(compare("enteredAt", "<=", now - mayBeEmptyAfterMs), compare("until", ">", 0)),
  });
  if (applied || previous === null || audience.safeParse(previous).success) return;
  const entered = { since: now, enteredAt: now, until: now + lastsMs } satisfies z.output<typeof audience>;
  await dynamo.update({ pk, set: entered });
}
