import { type LocatedPicture, monthOf, omitAbsent, type PictureFacts, type PictureKind } from "@gatepost/protocol";
import type { File } from "../s3/objects.ts";

/*
 * Each picture is an object. All pictures of an event begin with the same prefix, so an erasure finds them by one list,
 * also those that no row names. Registered pictures are shared by all events of a month.
 */

const endings: Record<PictureFacts["contentType"], string> = { "image/jpeg": "jpg", "image/png": "png" };

/** Digits of the hash in a key: an intact picture never overwrites one that broke off while it is read. */
const hashDigits = 8;

/** The tag of a scene that the bucket removes before its event. */
export const sceneTag = "kept=scene";

export function objectKey(picture: LocatedPicture): string {
  const { event, report, kind, month, sha256, contentType, own } = picture;
  if (kind === "registered" && own === undefined) return sharedKey(picture);
  return `${prefixOf(month, event)}${report}-${kind}-${sha256.slice(0, hashDigits)}.${endings[contentType]}`;
}

/** The key of a picture that events share. Such pictures are kept a month longer than the pictures of one event. */
export function sharedKey({ month, sha256, contentType }: Pick<LocatedPicture, "month" | "sha256" | "contentType">) {
  return `registered/${month}/${sha256}.${endings[contentType]}`;
}

/** The prefixes that may have objects of an event. @param from the first month; @param now ms since 1970 */
export function prefixesOf(event: string, from: string, now: number): string[] {
  const prefixes: string[] = [];
  for (let at = Date.parse(`${from}-01`); at <= now; at = nextMonth(at)) prefixes.push(prefixOf(monthOf(at), event));
  return prefixes;
}

function nextMonth(at: number): number {
  const date = new Date(at);
  return date.setUTCMonth(date.getUTCMonth() + 1);
}

function prefixOf(month: string, event: string): string {
  return `pictures/${month}/${event}/`;
}

/** How the object of a picture is stored. It has no name of a person. */
export function fileOf({ sha256, contentType, keptDays }: PictureFacts, kind: PictureKind, box?: string): File {
  return {
    sha256,
    contentType,
    cacheControl: "private, immutable",
    // Headers are ASCII.
    metadata: { kind, ...omitAbsent({ box: box && encodeURIComponent(box) }) },
    ...(keptDays === undefined ? {} : { keptDays, tags: sceneTag }),
  };
}
