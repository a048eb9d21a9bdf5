import { type Change, placeAt } from "@gatepost/store";
import * as lists from "../dynamo/lists.ts";

/*
 * A record is in the list of its event by its own row. A batch that is kept as a whole belongs to many events: each has
 * a row of its own in that event's list, which leads to the record. Such a row may outlive its record, until it expires.
 */

interface EventOfBatch {
  /** The id of the record. */
  id: string;
  receivedAt: number;
  event: string;
  /** When the record expires, in seconds since 1970. */
  ttl: number;
}

const prefix = "batch ";

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
