import { type Change, type Entry, placeAt } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import * as lists from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";

/*
 * The rest of a long batch has a row besides its record until its job has ended. By these rows the sweep of jobs finds
 * what waits, and a full box is refused. A row that outlives its record is removed by the next job for it.
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

/** A row that is there already stays as it is, with its job. */
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
