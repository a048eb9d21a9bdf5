import { batchTooLong, type QuarantineRecord } from "@gatepost/core/quarantine";
import { omitAbsent, parseStored, storedJson } from "@gatepost/protocol";
import {
  absent,
  all,
  type Change,
  type Condition,
  compare,
  equals,
  type Item,
  placeAt,
  present,
  timeOfPlace,
} from "@gatepost/store";
import * as z from "zod/mini";
import { expiredAt, missingOrLiveAt } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { shardFor } from "../dynamo/lists.ts";
import { sha256Of } from "../s3/objects.ts";
import { recordPlace, shapeText } from "./shapes.ts";

/** The event of a record, as text for its row. */
function eventText(event: QuarantineRecord["event"]): string {
  return JSON.stringify(event && { id: event.id, fingerprint: event.fingerprint });
}

const quarantineRow = z.lazy(() => {
  const rate = z.object({ perSecond: z.number(), burst: z.number() });
  const storedEvent = z.object({ id: z.string(), fingerprint: z.string() });
  return z.pipe(
    z.object({
      pk: z.string(),
      box: z.string(),
      path: z.string(),
      reason: z.string(),
      receivedAt: z.number(),
      headers: storedJson(z.record(z.string(), z.string())),
      event: storedJson(z.nullable(storedEvent)),
      bytes: z.number(),
      ttl: z.number(),
      key: z.optional(storedJson(z.object({ id: z.string(), rate, dailyBytes: z.exactOptional(z.number()) }))),
    }),
    z.transform(({ pk, ttl: _, key, ...facts }) => ({ id: pk, ...facts, ...omitAbsent({ key }) })),
  );
});

export type QuarantineListing = Omit<QuarantineRecord, "body"> & { bytes: number };

/** A record without its body. */
export function listingOf(row: Item): QuarantineListing {
  return parseStored(quarantineRow, row, `quarantine record ${row["pk"]}`);
}

interface Times {
  /** When the record expires, in seconds since 1970. */
  ttl: number;
  /** ms since 1970. */
  now: number;
}

/** Whether a row is a long batch that waits for its job. It does not count towards the limit of its box. */
export function isWaiting(row: Item): boolean {
  return row["reason"] === batchTooLong;
}

/**
 * By how many records the count of a box changes with a write. After a lost answer the previous reason is not known, and
 * taken for the same.
 */
export function countedBy({ reason }: QuarantineRecord, previous: Item | null): number {
  const isCounted = reason !== batchTooLong;
  const wasCounted = previous?.["reason"] === undefined ? isCounted : !isWaiting(previous);
  return Number(isCounted) - Number(previous !== null && wasCounted);
}

/**
 * Writes a record. If it exists, only the reason and the event are replaced. DynamoDB refuses it if the existing one
 * has expired or is being removed.
 */
export function putRecord(record: QuarantineRecord, { ttl, now }: Times) {
  const { id, box, path, reason, receivedAt, headers, body, event, key } = record;
  const shape = shapeText(record);
  return {
    pk: id,
    // With this, an erasure of the event finds the record.
    set: { reason, event: eventText(event), ...(event && { byPerson: lists.quarantineOfEvent(event.id) }) },
    remove: event === null ? ["byPerson"] : [],
    setIfAbsent: {
      shape,
      ...omitAbsent({ key: key && JSON.stringify(key) }),
      box,
      path,
      receivedAt,
      ttl,
      headers: JSON.stringify(headers),
      bytes: body.length,
      byTime: shardFor(lists.quarantine, id),
      byBox: shardFor(lists.quarantineOf(box), id),
      at: recordPlace(record, shape),
    },
    when: all(missingOrLiveAt(now), absent("removing")),
  } satisfies Change;
}

/** Replaces an expired record whose row still exists: nothing of it is left. */
export function putRecordAnew(record: QuarantineRecord, times: Times): Change {
  const { setIfAbsent, set, remove, ...change } = putRecord(record, times);
  const left = ["dropped", ...(record.key === undefined ? ["key"] : [])];
  return {
    ...change,
    set: { ...setIfAbsent, ...set },
    remove: [...remove, ...left],
    when: all(expiredAt(times.now), absent("removing")),
  };
}

/** ms after which the erasure sweep finishes a removal that another process began. */
const removalMs = 60_000;

/**
 * Begins to remove a record. Its row leaves the lists of records, but it stays until the body is removed, because
 * nothing else names the body. The erasure sweep finds the row in the list of erasures, and an erasure of the event
 * finds it by the event.
 *
 * @param removal names this removal
 */
export function beginRemoval(id: string, { removal, now }: { removal: string; now: number }) {
  return {
    pk: id,
    setIfAbsent: { removing: removal },
    set: { byTime: lists.erasures, at: placeAt(now + removalMs, id) },
    remove: ["byBox"],
    when: present(),
  } satisfies Change;
}

/** Begins to remove a record to make room. DynamoDB refuses it if the record is a long batch that waits for its job. */
export function beginDrop(id: string, times: Parameters<typeof beginRemoval>[1]): Change {
  const begin = beginRemoval(id, times);
  return { ...begin, when: all(begin.when, absent("removing"), compare("reason", "<>", batchTooLong)) };
}

/** Lets a record know that another one of its shape was dropped, with those that this one knew of. */
export function inheritDropped(heir: string, row: Item): Change {
  return { pk: heir, add: { dropped: 1 + droppedIn(row) }, when: all(present(), absent("removing")) };
}

/** How many others of its shape were dropped, as far as a record knows. */
export function droppedIn({ dropped }: Item): number {
  return typeof dropped === "number" ? dropped : 0;
}

/** Whether a record is being removed, or set aside. Such a record is treated as missing. */
export function isBeingRemoved(row: Item): boolean {
  return row["removing"] !== undefined;
}

/** The condition for deleting the row of a record, once its body is gone: this removal began first. */
export function isRemovedBy(row: Item): Condition {
  return equals("removing", String(row["removing"]));
}

/**
 * The key of a record's body. It contains the time of receipt: a record that was removed from a full quarantine may
 * come again while its old body is being deleted, and then has another key.
 */
export function bodyKey({ id, box, receivedAt }: Pick<QuarantineRecord, "id" | "box" | "receivedAt">): string {
  return `quarantine/${sha256Of(box).slice(0, 16)}/${id}.${receivedAt}`;
}

/**
 * The key of the body of a row's record. If the row is broken, its keys in the indexes say which box sent it and when.
 * Null if they do not, either: then the bucket deletes the body by its age.
 */
export function bodyKeyIn({ pk, box, receivedAt, byBox, at }: Item): string | null {
  const [, listed] = /^quarantine (.*)#\d+$/s.exec(String(byBox)) ?? [];
  const owner = typeof box === "string" ? box : listed;
  const received = Number.isInteger(receivedAt) ? Number(receivedAt) : timeOfPlace(String(at));
  if (owner === undefined || Number.isNaN(received)) return null;
  return bodyKey({ id: String(pk), box: owner, receivedAt: received });
}
