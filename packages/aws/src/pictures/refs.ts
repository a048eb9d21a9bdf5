import { type LocatedPicture, monthOf, parseStored, type Report } from "@gatepost/protocol";
import { absent, type Change, type Item, placeAt } from "@gatepost/store";
import * as z from "zod/mini";
import { textOf } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { shardFor, shardsOf } from "../dynamo/lists.ts";

/*
 * The registered picture of a person is shared by all events of a month. Which events show it is only needed by
 * erasures. The row of an event names its picture in the attribute of a sparse index. A picture that a later report
 * brings has a separate row.
 */

const attribute = "byPicture";

/** A picture that events share. */
export type PictureRef = Pick<LocatedPicture, "month" | "sha256" | "contentType">;

export const expiringRow = z.lazy(() => z.object({ pk: z.string(), ttl: z.number() }));

/** The picture of a report that other events may also show. */
export function refsIn({ receivedAt, pictures: { registered } = {} }: Report): PictureRef[] {
  if (registered === undefined || registered.own === true) return [];
  const { sha256, contentType, month = monthOf(receivedAt) } = registered;
  return [{ month, sha256, contentType }];
}

/** The attribute that puts the row of an event into the index of its picture. */
export function refAttribute(eventId: string, [ref]: readonly PictureRef[]): Item {
  return ref === undefined ? {} : { [attribute]: shardFor(nameOf(ref), eventId) };
}

/** The extra row: for the picture of a report that the row of its event does not name. */
export function extraRefs(row: Item, report: Report): Change[] {
  const { pk: eventId, ttl } = parseStored(expiringRow, row, `event ${row["pk"]}`);
  return refsIn(report).flatMap((ref) => {
    const named = refAttribute(eventId, [ref]);
    if (row[attribute] === named[attribute]) return [];
    // An erasure finds the row by its event, also if the event shows another picture.
    const listed = { byPerson: lists.extraRefsOfEvent(eventId), at: placeAt(0, ref.sha256) };
    return [{ pk: extraRefRow(eventId, ref), set: { ...named, ...listed, ttl }, when: absent("byPerson") }];
  });
}

export function extraRefRow(eventId: string, ref: PictureRef): string {
  return `besides ${eventId} registered ${nameOf(ref)}`;
}

/** The picture of an extra row; null if the key is of another kind of row. */
export function refOfExtraRow(pk: string): PictureRef | null {
  return refNamed(/^besides evt_\w+ registered (.+)$/.exec(pk)?.[1]);
}

/** The event of an entry in the index. */
export function eventOfRef(pk: string): string {
  return /evt_\w+/.exec(pk)?.[0] ?? pk;
}

/** The shards of the list of events that show a picture with these bytes in that month. */
export function refLists(ref: PictureRef) {
  return shardsOf(nameOf(ref)).map((hash) => ({ index: attribute, hash }) as const);
}

/** The picture with which the row was first written, even if its report was replaced since. */
export function firstRefs(row: Item): PictureRef[] {
  if (row[attribute] === undefined) return [];
  const ref = refNamed(textOf(row, attribute).replace(/#\d+$/, ""));
  return ref === null ? [] : [ref];
}

/** Nearly all are JPEG, and every row of an event has such a name. */
function nameOf({ month, sha256, contentType }: PictureRef): string {
  const digest = Buffer.from(sha256, "hex").toString("base64url");
  return `${month} ${digest}${contentType === "image/png" ? " png" : ""}`;
}

function refNamed(name = ""): PictureRef | null {
  const [, month, digest, png] = /^(.{7}) (.{43})( png)?$/.exec(name) ?? [];
  if (month === undefined || digest === undefined) return null;
  const sha256 = Buffer.from(digest, "base64url").toString("hex");
  return { month, sha256, contentType: png === undefined ? "image/jpeg" : "image/png" };
}
