import { lists, shardFor } from "../dynamo/index-keys.ts";
import type { Row } from "../dynamo/item.ts";

/*
 * The feed of changes is an index by the moment of an event's latest change. `made` is the moment of the write that made
 * the event. The moment is taken right before each write, by the clock of who writes.
 */

/** Every write that is to be seen in the feed moves the event to its end. */
export function changing(eventId: string, moment: string): Row {
  return { byChange: shardFor(lists.changes, eventId), changed: changePlace(moment, eventId) };
}

export function changePlace(moment: string, eventId: string): string {
  return `${moment} ${eventId}`;
}
