import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "@gatepost/protocol";
import type { BoxPerson, PeopleDialect } from "./dialect.ts";
import type { Kept } from "./kept.ts";
import type { OrderOutcome } from "./library.ts";
import { photoIn } from "./photo.ts";
import { Refused } from "./refused.ts";

/**
 * Restores the old photo and record of a person. Throws Refused if the person has been removed: an undo brings no one
 * back.
 */
export async function undo(
  dialect: Pick<PeopleDialect, "find" | "changePhoto" | "restoreRecord">,
  personId: string,
  { record, imageId, photo: kept }: NonNullable<Kept["before"]>,
  signal: AbortSignal,
): Promise<OrderOutcome> {
  const find = async () => {
    const held = await dialect.find(personId, signal);
    if (held === null) throw new Refused("the person was removed from the box since; undoing does not bring them back");
    return held;
  };
  const photo = photoIn(kept ?? "");
  const held = await find();
  const isOld = hasPhoto(held, photo, imageId);
  if (photo !== null && !isOld) await dialect.changePhoto(personId, held, photo, signal);
  if (!isSameRecord(held.record, record)) await dialect.restoreRecord(personId, record, signal);
  const now = await find();
  if (!isSameRecord(now.record, record)) throw new Refused("the box says that it took the old record, and has another");
  if (photo === null && !isOld) throw new Refused("the box had not given out the old photo, so the new one stays");
  if (!isOld && now.imageId === held.imageId && !hasPhoto(now, photo, imageId)) {
    throw new Refused("the box says that it took the old photo, and still has the new one");
  }
  return { state: "done", note: null };
}

/** Whether the state of a person on the box is the one before an order; both may be absent. */
export function isAsBefore(held: BoxPerson | null, before: Kept["before"]): boolean {
  if (held === null || before === null) return held === null && before === null;
  const photo = photoIn(before.photo ?? "");
  return isSameRecord(held.record, before.record) && hasPhoto(held, photo, before.imageId);
}

/** Whether the person still has, or has again, the old photo. */
function hasPhoto(held: BoxPerson, photo: Buffer | null, imageId: string | null): boolean {
  if (imageId !== null && held.imageId === imageId) return true;
  return photo !== null && held.photo?.equals(photo) === true;
}

/** The id of a picture changes whenever it is written. */
function isSameRecord({ image_id: _, ...held }: JsonObject, { image_id: __, ...record }: JsonObject): boolean {
  return isDeepStrictEqual(held, record);
}
