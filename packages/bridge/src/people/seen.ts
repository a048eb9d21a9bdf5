import { createHash } from "node:crypto";
import * as z from "zod";
import type { BoxPerson } from "./dialect.ts";

/**
 * The state of a person on a box, to compare with a later one: digests and the id of the picture, without name and
 * photo.
 */
export const seenSchema = z.strictObject({
  /** The digest of the name, type and groups; null if the box did not have the person. */
  record: z.string().nullable(),
  imageId: z.string().nullable(),
  photo: z.string().nullable(),
});
export type Seen = z.output<typeof seenSchema>;

/** A state that no box ever has: with it, an undo always finds the person changed. */
export const neverSeen: Seen = { record: "", imageId: null, photo: null };

export function seenOf(personId: string, held: BoxPerson | null): Seen {
  if (held === null) return { record: null, imageId: null, photo: null };
  const { name, type, permissionIds, imageId, photo } = held;
  const record = contentDigest(JSON.stringify([personId, name, type, permissionIds.toSorted()]));
  return { record, imageId, photo: photo && contentDigest(photo) };
}

/**
 * Whether two states have the same record and the same picture. An undo of an undo gives the picture another id, so
 * equal bytes also count.
 */
export function isSeen(now: Seen, { record, imageId, photo }: Seen): boolean {
  const isSamePhoto = imageId === now.imageId && (imageId !== null || photo === now.photo);
  return now.record === record && (isSamePhoto || (photo !== null && now.photo === photo));
}

export function contentDigest(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}
