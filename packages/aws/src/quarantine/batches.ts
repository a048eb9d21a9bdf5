import { type Change, type Entry, placeAt } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import * as lists from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";

/*
 * The extra rows of a batch in quarantine, next to its record.
 *
 * The rest of a long batch has one until its job has ended. By these rows the sweep of jobs finds waiting batches, and
 * a full box is refused. A row that outlives its record is removed by the next job for it.
 *
 * A record is in the list of its event by its own row. A batch that is kept as a whole belongs to many events: each has
 * a row in that event's list, which leads to the record. Such a row may outlive its record, until it expires.
 */

const prefix = "batch ";
const suffix = " waiting";

interface Waiting {
  /** The id of the record. */
  id: string;
  box: string;
  /** When the record expires, in seconds since 1970. */
  ttl: number;
}

/** An existing row stays unchanged, with its job. */
export function putWaiting({ id, box, ttl }: Waiting, now: number): Change {
  const listed = { byTime: lists.waiting, byBox: lists.waitingOf(box), at: placeAt(now, id) };
  return { pk: waitingRowOf(id), setIfAbsent: { ttl, ...listed } };
}

export function waitingRowOf(id: string): string {
  return `${prefix}${id}${suffix}`;
}

/** The records of a box that wait. */
export async function* waitingOf(box: string, dynamo: Dynamo): AsyncGenerator<string> {
  const shards = [{ index: "byBox" as const, hash: lists.waitingOf(box) }];
  for await (const { pk } of queryShards(dynamo, { shards, order: "ascending" })) yield recordIn(pk);
}

/** All records that wait, each with the place of its row in the list. */
export async function* allWaiting(dynamo: Dynamo): AsyncGenerator<{ record: string } & Pick<Entry, "at">> {
  const shards = [{ index: "byTime" as const, hash: lists.waiting }];
  for await (const { pk, at } of queryShards(dynamo, { shards, order: "ascending" }))
    yield { record: recordIn(pk), at };
}

function recordIn(pk: string): string {
  return pk.slice(prefix.length, -suffix.length);
}

interface EventOfBatch {
  /** The id of the record. */
  id: string;
  receivedAt: number;
  event: string;
  /** When the record expires, in seconds since 1970. */
  ttl: number;
}

export function putEventOfBatch({ id, receivedAt, event, ttl }: EventOfBatch): Change {
  const set = { byPerson: lists.quarantineOfEvent(event), at: placeAt(receivedAt, id), ttl };
  return { pk: `${prefix}${id} ${event}`, set };
}

/** Whether an entry in the list of an event's records is of such a row. */
export function isRowOfBatch(pk: string): boolean {
  return pk.startsWith(prefix);
}

/** The id of the record for an entry in the list of an event's records. */
export function recordOfEntry(pk: string): string {
  const [id = pk] = isRowOfBatch(pk) ? pk.slice(prefix.length).split(" ") : [pk];
  return id;
}
