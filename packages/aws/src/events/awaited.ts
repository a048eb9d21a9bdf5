import type { Upsert } from "@gatepost/core/events";
import { absent, all, type Change, type Item, placeAt, present } from "@gatepost/store";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { shardOf, shardsOf } from "../dynamo/index-keys.ts";

/*
 * An event of which the bus has yet to hear is in an index of its own: `awaited` is its shard there, `awaitedAt` its key.
 * `heldUntil` is the time until which a sweep has leased it. No other row has any of them.
 */

const list = "awaited";

/** How many shards it has: where every passing is announced, each event is written to it twice. */
const shards = 32;

export const awaitedShards = () => shardsOf(list, shards);

/** What puts an event into the index with the write that makes its row. */
export function awaitedAttributes({ eventId, isAwaited, now }: Upsert): Item {
  return isAwaited ? { awaited: `${list}#${shardOf(eventId, shards)}`, awaitedAt: placeAt(now, eventId) } : {};
}

/**
 * An upsert that makes the row, or is refused. DynamoDB cannot set an attribute only where there is no row, and an event
 * that was made before must not come into the index with another report.
 */
export function makingOnly(upsert: Change, entry: Upsert): Change {
  const setIfAbsent = { ...upsert.setIfAbsent, ...awaitedAttributes(entry) };
  return { ...upsert, setIfAbsent, when: absent() };
}

/** The same upsert where there is a row: refused where that has gone meanwhile. */
export function joiningOnly(upsert: Change): Change {
  return { ...upsert, when: all(present(), upsert.when ?? all()) };
}

/** Takes an event out of the index. Nothing that is shown of it changes, so no feed hears of this. */
export async function markAnnounced(pk: string, dynamo: Dynamo): Promise<void> {
  await dynamo.update({
    pk,
    remove: ["awaited", "awaitedAt", "heldUntil"],
    when: present("awaited"),
  });
}
