import { monthOf, type PictureKind, pictureKinds, type Report } from "@gatepost/protocol";
import type { Change } from "../dynamo/item-update.ts";
import { shardFor, shardsOf } from "../dynamo/index-keys.ts";
import type { Row } from "../dynamo/item.ts";

/*
 * Which events show a picture is asked by erasures alone. An event's row tells it by one attribute for each kind of
 * picture, `p_face` and so on, which is the key of a sparse index. What a later report brings besides has a row of its own.
 */

/** A picture that an event shows. */
export interface Shown {
  month: string;
  kind: PictureKind;
  sha256: string;
}

export function picturesOf({ receivedAt, pictures = {} }: Report): Shown[] {
  const month = monthOf(receivedAt);
  return pictureKinds.flatMap((kind) => {
    const picture = pictures[kind];
    return picture === undefined ? [] : [{ month, kind, sha256: picture.sha256 }];
  });
}

/** The attributes by which a row of an event stands in the lists of who shows these pictures. */
export function showing(eventId: string, pictures: readonly Shown[]): Row {
  return Object.fromEntries(pictures.map((shown) => [`p_${shown.kind}`, shardFor(nameOf(shown), eventId)]));
}

/** The rows for those pictures of a report that the row of its event does not tell of. */
export function showingBesides(row: Row, report: Report): Change[] {
  const eventId = String(row["pk"]);
  return picturesOf(report).flatMap((shown) => {
    const attribute = showing(eventId, [shown]);
    const isTold = Object.entries(attribute).every(([name, value]) => row[name] === value);
    return isTold ? [] : [{ pk: besidesRow(eventId, shown), set: { ...attribute, ttl: Number(row["ttl"]) } }];
  });
}

export function besidesRow(eventId: string, shown: Shown): string {
  return `besides ${eventId} ${shown.kind} ${nameOf(shown)}`;
}

/** The event that a row of such a list is of. */
export function eventShowing(pk: string): string {
  return /evt_\w+/.exec(pk)?.[0] ?? pk;
}

/** The lists of all events that show the picture of these bytes in that month as a kind. */
export function listsShowing(shown: Shown) {
  return shardsOf(nameOf(shown)).map((hash) => ({ index: indexOf(shown.kind), hash }));
}

/** The picture that a row was first told to show of each kind, also where its report was replaced. */
export function firstShown(row: Row): Shown[] {
  return pictureKinds.flatMap((kind) => {
    const [, month, digest] = /^(.{7}) (.{43})#/.exec(String(row[`p_${kind}`] ?? "")) ?? [];
    if (month === undefined || digest === undefined) return [];
    return [{ month, kind, sha256: Buffer.from(digest, "base64url").toString("hex") }];
  });
}

function nameOf({ month, sha256 }: Shown): string {
  return `${month} ${Buffer.from(sha256, "hex").toString("base64url")}`;
}

function indexOf(kind: PictureKind) {
  return `showing_${kind}` as const;
}
