import type { Item } from "@gatepost/store";
import { shardFor } from "../dynamo/index-keys.ts";
import * as lists from "../dynamo/lists.ts";

/*
 * The feed of changes is an index by the sequence of an event's latest change. `made` is the sequence of the write that
 * made the event. The sequence is taken right before each write, from the clock of the process that writes.
 */

/** Moves the event to the end of the feed. Every write that the feed must show sets these attributes. */
export function changeAttributes(eventId: string, sequence: string): Item {
  return { byChange: shardFor(lists.changes, eventId), changed: changeKey(sequence, eventId) };
}

export function changeKey(sequence: string, eventId: string): string {
  return `${sequence} ${eventId}`;
}
