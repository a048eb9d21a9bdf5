import { parseStored, type Report } from "@gatepost/protocol";
import { absent, type Change, type Item, placeAt } from "@gatepost/store";
import * as z from "zod/mini";
import * as lists from "../dynamo/lists.ts";
import { keysOf, nameLength, type OwnRef, ownRefsOf } from "./own.ts";

/*
 * The row of an event names the objects that it shows. An object that it does not show has a row of its own: a repeat
 * brought it, or a better picture took its place. An erasure finds these rows by the event.
 */

const expiringRow = z.lazy(() => z.object({ pk: z.string(), ttl: z.number() }));

/** The extra rows for a report: for its objects that no report in the row of its event names. */
export function extraOwn(row: Item, shown: readonly Report[], report: Report): Change[] {
  const { pk: eventId, ttl } = parseStored(expiringRow, row, `event ${row["pk"]}`);
  const named = new Set(shown.flatMap(ownRefsOf).flatMap(keysOf));
  const extra = ownRefsOf(report).filter((ref) => !keysOf(ref).every((key) => named.has(key)));
  return extra.map((ref) => {
    const listed = { byPerson: lists.extraRefsOfEvent(eventId), at: placeAt(0, ref.in) };
    return { pk: extraOwnRow(eventId, ref), set: { ...listed, ttl }, when: absent("byPerson") };
  });
}

/**
 * The extra row of an event for an object that was written for another event, before it was known that the report
 * belongs to this one. If the other event shows the object later, it stays.
 */
export function strayRow(eventId: string, ref: OwnRef, ttl: number): Change {
  const listed = { byPerson: lists.extraRefsOfEvent(eventId), at: placeAt(0, ref.in) };
  return { pk: extraOwnRow(eventId, ref), set: { ...listed, ttl } };
}

export function extraOwnRow(eventId: string, { month, in: name, at, of }: OwnRef): string {
  return `besides ${eventId} own ${month} ${name}${at === undefined ? "" : ` ${at}`}${of === undefined ? "" : ` of ${of}`}`;
}

/** The object of an extra row; null where the key is of another kind of row. */
export function ownRefOfExtraRow(pk: string): OwnRef | null {
  const form = new RegExp(`^besides evt_\\w+ own (.{7}) ([\\w-]{${nameLength}})(?: (\\d+))?(?: of (evt_\\w+))?$`);
  const [, month, name, at, of] = form.exec(pk) ?? [];
  if (month === undefined || name === undefined) return null;
  return { month, in: name, ...(at === undefined ? {} : { at: Number(at) }), ...(of === undefined ? {} : { of }) };
}
