import { all } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import {
  batchTooLong,
  type Quarantine,
  QuarantineQuota,
  type QuarantineRecord,
  type QuarantineSize,
  RecordsOfBox,
} from "@gatepost/core/quarantine";
import { changed, type Entry, type Item, timeOfPlace, timeText } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired, numberOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { shardsOf } from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import { type Objects, sha256Of } from "../s3/objects.ts";
import { isRowOfBatch, putEventOfBatch, putWaiting, recordOfEntry, waitingOf, waitingRowOf } from "./batches.ts";
import { addToQuota, expiryBy, pruneQuota, sizeAt } from "./quota.ts";
import {
  beginDrop,
  beginRemoval,
  bodyKey,
  bodyKeyIn,
  countedBy,
  inheritDropped,
  isBeingRemoved,
  isRemovedBy,
  isWaiting,
  listingOf,
  putRecord,
  putRecordAnew,
} from "./row.ts";
import { listedOf } from "./shapes.ts";

/** A try fails only if another process writes or removes the record between two calls. */
const writeTries = 5;

/** Events of a batch that are noted at the same time. */
const eventsAtOnce = 50;

interface Deps {
  dynamo: Dynamo;
  objects: Objects;
  log: Log;
  clock(): number;
  /** ms from the receipt of a record to its expiry, which is rounded down to the hour. */
  lifetime: number;
  limits?: QuarantineSize;
}

/**
 * Bodies in S3, rows in the table, and counts for each box. The counts are written after the rows. A process that ends
 * between the two leaves them off by one. Reports that come at the same moment may each remove one record too many.
 */
export class DynamoQuarantine implements Quarantine {
  readonly #deps: Deps;
  readonly #quota: QuarantineQuota;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#quota = new QuarantineQuota(deps.log, deps.limits);
  }

  async put(record: QuarantineRecord): Promise<void> {
    const { id, box, body } = record;
    const ttl = expiryBy(record.receivedAt + this.#deps.lifetime);
    // The record may expire during its replay.
    if (isExpired({ ttl }, this.#deps.clock())) return;
    if (record.reason === batchTooLong) await this.#requireRoomToWait(record);
    const { counted: records, receivedAt } = await this.#write(record, ttl);
    if (record.reason === batchTooLong)
      await this.#deps.dynamo.update(putWaiting({ id, box, ttl }, this.#deps.clock()));
    await this.#putEvents(record, ttl);
    const file = { sha256: sha256Of(body), contentType: "application/octet-stream" };
    const bytes = records * body.length;
    const counted = records === 0 ? Promise.resolve(null) : this.#count(box, { ttl, records, bytes });
    // Not written again on a repeat: the bucket deletes a body by its age.
    const kept = this.#deps.objects.putOnce(bodyKey({ id, box, receivedAt }), body, file);
    await all<unknown>([counted, kept]);
    const count = await counted;
    if (count === null) return;
    await this.#keepBounded({ id, box }, count);
  }

  /**
   * Removes a record and its body, the row last: a removal that fails is repeated by its caller or the erasure sweep.
   * Returns the counts after that; null if nothing was subtracted.
   */
  async remove(id: string, dropped?: { heir: string | null }): Promise<Item | null> {
    const { dynamo, objects, clock } = this.#deps;
    const times = { removal: crypto.randomUUID(), now: clock() };
    const begin = dropped === undefined ? beginRemoval(id, times) : beginDrop(id, times);
    const { applied, previous } = await dynamo.update(begin);
    if (dropped === undefined && (previous === null || isWaiting(previous))) await dynamo.remove(waitingRowOf(id));
    if (!applied) return null;
    const row = changed(begin, previous);
    const body = previous === null ? null : bodyKeyIn(previous);
    if (body !== null) await objects.remove(body);
    if ((await dynamo.remove(id, isRemovedBy(row))) === null) return null;
    if (dropped !== undefined && dropped.heir !== null) await dynamo.update(inheritDropped(dropped.heir, row));
    const counted = this.#countedOf(row);
    return counted === null ? null : this.#count(counted.box, { ...counted.by, ...(dropped && { dropped: 1 }) });
  }

  /** Throws 503 if too many long batches of a box wait for their jobs. */
  async #requireRoomToWait({ id, box }: QuarantineRecord): Promise<void> {
    let waiting = 0;
    for await (const other of waitingOf(box, this.#deps.dynamo)) {
      if (other !== id) waiting += 1;
      this.#quota.requireRoomToWait(waiting);
    }
  }

  /** The counts to subtract for a removed row; null if it is not counted any more, or cannot be read. */
  #countedOf(row: Item) {
    try {
      if (isExpired(row, this.#deps.clock()) || isWaiting(row) || "aside" in row) return null;
      const { box, bytes } = listingOf(row);
      return { box, by: { ttl: numberOf(row, "ttl"), records: -1, bytes: -bytes } };
    } catch (cause) {
      this.#deps.log.warn("removed a broken record", { cause });
      return null;
    }
  }

  /** The keys of the bodies of the records in the list of an event. */
  async bodiesOf(entries: readonly string[]): Promise<string[]> {
    const rows = await this.#deps.dynamo.getAll(entries.map(recordOfEntry));
    return [...rows.values()].flatMap((row) => bodyKeyIn(row) ?? []);
  }

  /** Removes the record of an entry in the list of an event's records. */
  async removeEntry(pk: string): Promise<void> {
    await this.remove(recordOfEntry(pk));
    if (isRowOfBatch(pk)) await this.#deps.dynamo.remove(pk);
  }

  async #putEvents({ id, receivedAt, eventsOfBatch = [] }: QuarantineRecord, ttl: number): Promise<void> {
    for (let from = 0; from < eventsOfBatch.length; from += eventsAtOnce) {
      const some = eventsOfBatch.slice(from, from + eventsAtOnce);
      await all(some.map((event) => this.#deps.dynamo.update(putEventOfBatch({ id, receivedAt, event, ttl }))));
    }
  }

  /**
   * Also returns when the record was first received. A row whose expiry cannot be read refuses both writes for ever, so
   * it is removed.
   */
  async #write(record: QuarantineRecord, ttl: number): Promise<{ counted: number; receivedAt: number }> {
    const { dynamo, clock } = this.#deps;
    for (let tried = 0; tried < writeTries; tried++) {
      const times = { ttl, now: clock() };
      const change = putRecord(record, times);
      const { applied, previous } = await dynamo.update(change);
      if (applied) {
        if (record.reason !== batchTooLong && previous !== null && isWaiting(previous))
          await dynamo.remove(waitingRowOf(record.id));
        const receivedAt = numberOf(changed(change, previous), "receivedAt");
        return { counted: countedBy(record, previous), receivedAt };
      }
      if (previous !== null && (isBeingRemoved(previous) || !Number.isFinite(previous["ttl"])))
        await this.remove(record.id);
      const anew = await dynamo.update(putRecordAnew(record, times));
      if (anew.applied) return { counted: countedBy(record, null), receivedAt: record.receivedAt };
    }
    throw new Error("the record changed in all tries");
  }

  /** The record is already durable, so a failure is logged and not thrown: the report need not be sent again. */
  async #keepBounded({ id, box }: Pick<QuarantineRecord, "id" | "box">, counted: Item): Promise<void> {
    const { dynamo, log, clock } = this.#deps;
    try {
      const count = await this.#makeRoom(box, id, counted);
      this.#quota.watch(box, sizeAt(count, clock()));
      const forgotten = pruneQuota(count, clock());
      if (forgotten !== null) await dynamo.update(forgotten);
    } catch (cause) {
      log.warn("quarantine not kept bounded", { box, cause });
    }
  }

  /** One look at the list of the box, and the removal of as many records as are too many: one as a rule. */
  async #makeRoom(box: string, newest: string, counted: Item): Promise<Item> {
    let count = counted;
    if (!this.#isExceeded(count)) return count;
    const records = new RecordsOfBox((await this.#counting(box)).map(listedOf), newest, this.#quota);
    while (this.#isExceeded(count)) {
      const next = records.next(this.#sizeIn(count));
      if (next === null) return count;
      // Null if another process has removed it, and the list does not show that yet.
      count = (await this.remove(next.id, next)) ?? count;
    }
    return count;
  }

  /** The records of a box that count, the oldest first. */
  async #counting(box: string): Promise<Entry[]> {
    const { dynamo, clock, lifetime } = this.#deps;
    const waiting = new Set<string>();
    for await (const id of waitingOf(box, dynamo)) waiting.add(id);
    const shards = shardsOf(lists.quarantineOf(box)).map((hash) => ({ index: "byBox" as const, hash }));
    const entries: Entry[] = [];
    const from = timeText(clock() - lifetime);
    // Records expire at the beginning of an hour.
    const isLive = ({ at }: Entry) => !isExpired({ ttl: expiryBy(timeOfPlace(at) + lifetime) }, clock());
    for await (const entry of queryShards(dynamo, { shards, from, order: "ascending" }))
      if (!waiting.has(entry.pk) && isLive(entry)) entries.push(entry);
    return entries;
  }

  #isExceeded(count: Item): boolean {
    return this.#quota.isExceeded(this.#sizeIn(count));
  }

  #sizeIn(count: Item): QuarantineSize {
    return sizeAt(count, this.#deps.clock());
  }

  async #count(box: string, by: Parameters<typeof addToQuota>[1]): Promise<Item> {
    const change = addToQuota(box, by);
    const { previous } = await this.#deps.dynamo.update(change);
    return changed(change, previous);
  }
}
