import type { EventOutbox, Upsert } from "@gatepost/core/events";
import type { Log } from "@gatepost/core/log";
import type { StoredEvent } from "@gatepost/protocol";
import { absent, all, type Change, type Entry, type Item, placeAt, present, timeText } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired, numberOf, textOf } from "../dynamo/item.ts";
import { isFree, leaseEach } from "../dynamo/lease-each.ts";
import { shardOf, shardsOf } from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { eventOf } from "./row.ts";

/*
 * An event that the bus has yet to announce is in its own index: `awaited` is its shard there, `awaitedAt` its key.
 * `heldUntil` is the time until which a sweep has leased it. No other row has any of them.
 */

const list = "awaited";

/** The number of shards: if every passing is announced, each event is written to the index twice. */
const shards = 32;

/** What puts an event into the index with the write that makes its row. */
export function awaitedAttributes({ eventId, isAwaited, now }: Upsert): Item {
  return isAwaited ? { awaited: `${list}#${shardOf(eventId, shards)}`, awaitedAt: placeAt(now, eventId) } : {};
}

/**
 * An upsert that makes the row, or is refused. DynamoDB cannot set an attribute only if there is no row, and an event
 * that was made before must not enter the index with another report.
 */
export function makingOnly(upsert: Change, entry: Upsert): Change {
  const setIfAbsent = { ...upsert.setIfAbsent, ...awaitedAttributes(entry) };
  return { ...upsert, setIfAbsent, when: absent() };
}

/** The same upsert for an existing row: refused if that has gone meanwhile. */
export function joiningOnly(upsert: Change): Change {
  return { ...upsert, when: all(present(), upsert.when ?? all()) };
}

/** Takes an event out of the index. No visible part of it changes, so the feed has no entry for this. */
export async function markAnnounced(pk: string, dynamo: Dynamo): Promise<void> {
  await dynamo.update({ pk, remove: ["awaited", "awaitedAt", "heldUntil"], when: present("awaited") });
}

interface Deps {
  dynamo: Dynamo;
  log: Log;
  clock(): number;
}

interface Lease {
  before: number;
  until: number;
  limit: number;
}

/** The events that the bus has yet to announce. */
export class DynamoEventOutbox implements EventOutbox {
  readonly #deps: Deps;
  #hasToldOfIndex = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  markAnnounced(eventId: string): Promise<void> {
    return markAnnounced(eventId, this.#deps.dynamo);
  }

  /**
   * Returns no event while a deployment still fills the index with older rows: a later sweep finds them there. If there
   * is no index at all, that is an error, because it does not end by itself.
   */
  async lease(asked: Lease): Promise<StoredEvent[]> {
    try {
      return await this.#lease(asked);
    } catch (cause) {
      if (!isBackfilling(cause)) throw cause;
      this.#tellOfIndex(cause);
      return [];
    }
  }

  #lease({ before, until, limit }: Lease): Promise<StoredEvent[]> {
    const { dynamo, log } = this.#deps;
    const awaited = shardsOf(list, shards).map((hash) => ({ index: "awaited" as const, hash }));
    const waiting = queryShards(dynamo, { shards: awaited, to: `${timeText(before)}~`, order: "ascending" });
    return leaseEach(waiting, limit, { what: "event", log, take: (group) => this.#take(group, until) });
  }

  /** Once in a process: adding an index may take hours, and the sweep runs every minute. */
  #tellOfIndex(cause: unknown): void {
    if (this.#hasToldOfIndex) return;
    this.#hasToldOfIndex = true;
    this.#deps.log.warn("events wait to be announced until DynamoDB has filled the index", { index: "awaited", cause });
  }

  async #take(group: readonly Entry[], until: number) {
    const rows = await this.#deps.dynamo.getAll(group.map(({ pk }) => pk));
    const tries = group.map(({ pk, at }) => {
      const row = rows.get(pk);
      return row?.["awaitedAt"] === at ? this.#hold(row, until) : null;
    });
    return Promise.allSettled(tries);
  }

  async #hold(row: Item, until: number): Promise<StoredEvent | null> {
    const now = this.#deps.clock();
    const heldUntil = row["heldUntil"] === undefined ? 0 : numberOf(row, "heldUntil");
    if (isExpired(row, now) || heldUntil > now) return null;
    const { applied, previous } = await this.#deps.dynamo.update({
      pk: textOf(row, "pk"),
      set: { heldUntil: until },
      when: all(present("awaited"), isFree("heldUntil", now)),
    });
    return applied && previous !== null ? eventOf(previous) : null;
  }
}

/** Whether DynamoDB refused a query because it is still filling the index. Only the message shows that. */
function isBackfilling(error: unknown): boolean {
  return error instanceof Error && error.name === "ValidationException" && error.message.includes("backfilling");
}
