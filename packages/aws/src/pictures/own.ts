import { createHash } from "node:crypto";
import { monthOf, type PictureFacts, type Report } from "@gatepost/protocol";
import * as z from "zod/mini";

/*
 * The pictures of an event, other than the registered one, are in objects of its own: those of one report together. The
 * report says of each picture in which object (`in`) and where in it (`at`) it is. Events that were written before
 * objects had owners name none: their pictures are under their hashes, for all events.
 */

/** An object of one event, or a part of it. */
export const ownRef = z.lazy(() =>
  z.object({
    month: z.string(),
    in: z.string(),
    at: z.exactOptional(z.int()),
    /** The event that it was written for, where that is not the one that has to erase it. */
    of: z.exactOptional(z.string()),
  }),
);
export type OwnRef = z.output<typeof ownRef>;

/** Letters of the name of an object: 128 bits. */
export const nameLength = 22;

/**
 * The name of an object. Equal reports give equal names, so one that is sent again leaves no second object. No other
 * event has the name.
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
  return `pictures/${month}/${name}`;
}

/** The key of a copy of one picture of an object: an announcement names an object that has nothing else. */
export function copyKey(ref: OwnRef & { at: number }): string {
  return `${ownKey(ref)}.${ref.at}`;
}

/** Where a picture is, if it is in an object of its event. */
export function ownRefOf({ month, in: name, at }: PictureFacts & { month: string }): OwnRef | null {
  if (name === undefined) return null;
  return { month, in: name, ...(at === undefined ? {} : { at }) };
}

/** Where the pictures of a report are, as far as they are in objects of its event. */
export function ownRefsOf({ receivedAt, pictures = {} }: Report): OwnRef[] {
  return Object.values(pictures).flatMap((picture) => ownRefOf({ month: monthOf(receivedAt), ...picture }) ?? []);
}

/** All keys under which something of a picture may be. */
export function keysOf({ at, ...ref }: OwnRef): string[] {
  return [ownKey(ref), ...(at === undefined ? [] : [copyKey({ ...ref, at })])];
}
