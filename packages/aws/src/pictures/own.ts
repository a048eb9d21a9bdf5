import { createHash } from "node:crypto";
import { monthOf, type PictureFacts, type Report } from "@gatepost/protocol";
import * as z from "zod/mini";

/*
 * The pictures of an event, other than the registered one, are in objects of its own: those of one report together. The
 * report says of each picture in which object (`in`) and where in it (`at`) it is.
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
export const nameLength = 22;

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
  return `pictures/${month}/${name}`;
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
