import { createHash } from "node:crypto";
import { monthOf, type PictureFacts, parseStored, type Report } from "@gatepost/protocol";
import { absent, type Change, type Item, placeAt } from "@gatepost/store";
import * as z from "zod/mini";
import * as lists from "../dynamo/lists.ts";

/*
 * The pictures of an event, other than the registered one, are in its own objects, one for each report. The report says
 * of each picture in which object (`in`) and at which position in it (`at`) it is.
 */

/** An object of one event, or a part of it. */
export const ownRef = z.lazy(() =>
  z.object({
    month: z.string(),
    in: z.string(),
    at: z.exactOptional(z.int()),
    /** The event for which it was written, if that is not the event that must erase it. */
    of: z.exactOptional(z.string()),
  }),
);
export type OwnRef = z.output<typeof ownRef>;

/** Letters in the name of an object: 128 bits. */
const nameLength = 22;

/** Begins the names of objects of scenes that the bucket removes before their events. */
const sceneFolder = "scene/";

/** The name of an object that contains one scene alone, which the bucket removes before its event. */
export function sceneName(name: string): string {
  return `${sceneFolder}${name}`;
}

/** Whether an object has this name, in whichever folder. */
export function isNamed(name: string | undefined, bare: string): name is string {
  return name === bare || name === sceneName(bare);
}

/**
 * The name of an object. Equal reports give equal names, so a repeated report makes no second object. No other event
 * has the same name.
 */
export function objectName(
  eventId: string,
  { twinId, report }: { twinId: string; report: Pick<Report, "kind"> },
  hashes: readonly string[],
): string {
  const whose = JSON.stringify([eventId, twinId, report.kind, ...hashes]);
  return createHash("sha256").update(whose).digest("base64url").slice(0, nameLength);
}

export function ownKey({ month, in: name }: Pick<OwnRef, "month" | "in">): string {
  return name.startsWith(sceneFolder)
    ? `pictures/${sceneFolder}${month}/${name.slice(sceneFolder.length)}`
    : `pictures/${month}/${name}`;
}

/** The key of a copy of one picture: announcements name an object that has nothing else. */
export function copyKey(ref: OwnRef & { at: number }): string {
  return `${ownKey(ref)}.${ref.at}`;
}

/** The place of a picture that is in an object of its event; null for others. */
export function ownRefOf({ month, in: name, at }: PictureFacts & { month: string }): OwnRef | null {
  if (name === undefined) return null;
  return { month, in: name, ...(at === undefined ? {} : { at }) };
}

/** The places of the pictures of a report that are in objects of its event. */
export function ownRefsOf({ receivedAt, pictures = {} }: Report): OwnRef[] {
  return Object.values(pictures).flatMap((picture) => ownRefOf({ month: monthOf(receivedAt), ...picture }) ?? []);
}

/** All keys that may hold something of a picture. */
export function keysOf({ at, ...ref }: OwnRef): string[] {
  return [ownKey(ref), ...(at === undefined ? [] : [copyKey({ ...ref, at })])];
}

/*
 * The row of an event names the objects that it shows. An object that it does not show has a separate row: a repeat
 * brought it, or a better picture took its place. An erasure finds these rows by the event.
 */

export const expiringRow = z.lazy(() => z.object({ pk: z.string(), ttl: z.number() }));

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

/** The object of an extra row; null if the key is of another kind of row. */
export function ownRefOfExtraRow(pk: string): OwnRef | null {
  const form = new RegExp(
    `^besides evt_\\w+ own (.{7}) ((?:${sceneFolder})?[\\w-]{${nameLength}})(?: (\\d+))?(?: of (evt_\\w+))?$`,
  );
  const [, month, name, at, of] = form.exec(pk) ?? [];
  if (month === undefined || name === undefined) return null;
  return { month, in: name, ...(at === undefined ? {} : { at: Number(at) }), ...(of === undefined ? {} : { of }) };
}
