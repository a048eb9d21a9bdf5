import { createHash } from "node:crypto";
import * as z from "zod";
import type { Held } from "./dialect.ts";

/**
 * How a box had a person at a moment, to be told from how it has them later: digests and the id of the picture, no name and
 * no photo.
 */
export const seenSchema = z.strictObject({
  /** Of who it is, with name, type and groups; null where the box did not have the person. */
  record: z.string().nullable(),
  imageId: z.string().nullable(),
  photo: z.string().nullable(),
});
export type Seen = z.output<typeof seenSchema>;

/** How no box ever has anybody: by this, an undo finds the person changed, whatever the box has. */
export const neverSeen: Seen = { record: "", imageId: null, photo: null };

export function seenOf(personId: string, held: Held | null): Seen {
  if (held === null) return { record: null, imageId: null, photo: null };
  const { name, type, permissionIds, imageId, photo } = held;
  const record = digestOf(JSON.stringify([personId, name, type, permissionIds.toSorted()]));
  return { record, imageId, photo: photo && digestOf(photo) };
}

/** Whether it is the same person in the same words, with the same picture: an undo of an undo gives the picture another id. */
export function isSeen(now: Seen, { record, imageId, photo }: Seen): boolean {
  const isSamePhoto = imageId === now.imageId && (imageId !== null || photo === now.photo);
  return now.record === record && (isSamePhoto || (photo !== null && now.photo === photo));
}

export function digestOf(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}
