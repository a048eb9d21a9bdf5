import { lists, shardFor } from "../dynamo/index-keys.ts";
import type { Item } from "../dynamo/item.ts";

/*
 * The feed of changes is an index by the moment of an event's latest change. `made` is the moment of the write that made
 * the event. The moment is taken right before each write, by the clock of who writes.
 */

/** Every write that is to be seen in the feed moves the event to its end. */
export function changeAttributes(eventId: string, sequence: string): Item {
  return { byChange: shardFor(lists.changes, eventId), changed: changeKey(sequence, eventId) };
}

export function changeKey(sequence: string, eventId: string): string {
  return `${sequence} ${eventId}`;
}
