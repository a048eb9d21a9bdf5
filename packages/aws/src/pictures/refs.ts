import { monthOf, type PictureKind, parseStored, pictureKinds, type Report } from "@gatepost/protocol";
import * as z from "zod/mini";
import { indexKey, shardFor, shardsOf } from "../dynamo/index-keys.ts";
import { type Item, textOf } from "../dynamo/item.ts";
import type { ItemUpdate } from "../dynamo/item-update.ts";
import * as lists from "../dynamo/lists.ts";

/*
 * Which events show a picture is only needed by erasures. The row of an event has one attribute for each kind of
 * picture, `p_face` and so on, which is the key of a sparse index. A picture that a later report brings has a row of
 * its own.
 */

const expiringRow = z.lazy(() => z.object({ pk: z.string(), ttl: z.number() }));

/** A picture that an event shows. */
export interface PictureRef {
  month: string;
  kind: PictureKind;
  sha256: string;
}

/** The pictures of a report that are stored under their hashes. Those in objects of the event belong to it alone. */
export function picturesOf({ receivedAt, pictures = {} }: Report): PictureRef[] {
  return pictureKinds.flatMap((kind) => {
    const { sha256, month = monthOf(receivedAt), in: own } = pictures[kind] ?? {};
    return sha256 === undefined || own !== undefined ? [] : [{ month, kind, sha256 }];
  });
}

/** The attributes that put the row of an event into the indexes of its pictures. */
export function refAttributes(eventId: string, pictures: readonly PictureRef[]): Item {
  return Object.fromEntries(pictures.map((ref) => [`p_${ref.kind}`, shardFor(nameOf(ref), eventId)]));
}

/** The extra rows: for the pictures of a report that the row of its event has no attribute for. */
export function extraRefs(row: Item, report: Report): ItemUpdate[] {
  const { pk: eventId, ttl } = parseStored(expiringRow, row, `event ${row["pk"]}`);
  return picturesOf(report).flatMap((ref) => {
    const attribute = refAttributes(eventId, [ref]);
    const isStored = Object.entries(attribute).every(([name, value]) => row[name] === value);
    if (isStored) return [];
    // An erasure finds the row by its event, also where the event shows another picture of that kind.
    const listed = { byPerson: lists.extraRefsOfEvent(eventId), at: indexKey(0, ref.sha256) };
    const condition = "attribute_not_exists(#byPerson)";
    return [{ pk: extraRefRow(eventId, ref), set: { ...attribute, ...listed, ttl }, condition }];
  });
}

export function extraRefRow(eventId: string, ref: PictureRef): string {
  return `besides ${eventId} ${ref.kind} ${nameOf(ref)}`;
}

/** The picture of an extra row; null where the key is of another kind of row. */
export function refOfExtraRow(pk: string): PictureRef | null {
  const [, kind = "", month, digest] = /^besides evt_\w+ (\w+) (.{7}) (.{43})$/.exec(pk) ?? [];
  const known = pictureKinds.find((one) => one === kind);
  if (known === undefined || month === undefined || digest === undefined) return null;
  return { month, kind: known, sha256: Buffer.from(digest, "base64url").toString("hex") };
}

/** The event of an entry in such an index. */
export function eventOfRef(pk: string): string {
  return /evt_\w+/.exec(pk)?.[0] ?? pk;
}

/** The shards of the list of events that show a picture with these bytes, in that month, as that kind. */
export function refLists(ref: PictureRef) {
  return shardsOf(nameOf(ref)).map((hash) => ({ index: indexOf(ref.kind), hash }));
}

/** The pictures of each kind with which the row was first written, even if its report was replaced since. */
export function firstRefs(row: Item): PictureRef[] {
  return pictureKinds.flatMap((kind) => {
    const name = `p_${kind}`;
    const [, month, digest] = row[name] === undefined ? [] : (/^(.{7}) (.{43})#/.exec(textOf(row, name)) ?? []);
    if (month === undefined || digest === undefined) return [];
    return [{ month, kind, sha256: Buffer.from(digest, "base64url").toString("hex") }];
  });
}

function nameOf({ month, sha256 }: PictureRef): string {
  return `${month} ${Buffer.from(sha256, "hex").toString("base64url")}`;
}

function indexOf(kind: PictureKind) {
  return `showing_${kind}` as const;
}
