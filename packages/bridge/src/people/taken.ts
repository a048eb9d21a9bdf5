import type { BoxPerson, PeopleDialect, Wanted } from "./dialect.ts";
import { judged, Refused } from "./refused.ts";
import { contentDigest, type Seen } from "./seen.ts";

/**
 * Whether the box has accepted a photo: it returns the same bytes, or another picture id than when this order began. A
 * box may encode a photo anew, so different bytes alone prove nothing.
 */
export function tookPhoto({ photo, imageId }: BoxPerson, sent: Buffer, began: Seen): boolean {
  if (photo?.equals(sent)) return true;
  // There was no photo: any photo is another one.
  if (began.imageId === null && began.photo === null) return photo !== null || imageId !== null;
  if (imageId !== null && began.imageId !== null) return imageId !== began.imageId;
  return photo !== null && began.photo !== null && contentDigest(photo) !== began.photo;
}

/** Whether a person has the wanted record. Further groups do not matter. */
export function hasRecord({ name, type, permissionIds }: BoxPerson, wanted: Wanted): boolean {
  const isInAll = wanted.permissionIds.every((id) => permissionIds.includes(id));
  return name === wanted.name && type === wanted.type && isInAll;
}

/**
 * Throws Refused if the id on the box belongs to another person than the stranger: any sender can name any id, and
 * would get that person's permissions.
 */
export async function requireSame(
  dialect: PeopleDialect,
  held: BoxPerson,
  { name, photo }: { name: string; photo: Buffer },
  signal: AbortSignal,
): Promise<void> {
  if (held.photo?.equals(photo)) return;
  const isSame = held.photo === null ? null : await dialect.isSame(held.photo, photo, signal);
  if (isSame ?? held.name === name) return;
  throw new Refused(
    "the box has another person under the id of this stranger, and was not changed: look at that person, and register the stranger on the box itself",
  );
}

/**
 * Checks the written person by reading it back and, if the box can compare, by a comparison that makes no event.
 * Returns the check that was not possible, or null. Throws Refused if the box does not have what it accepted.
 */
export async function checkTaken(
  dialect: PeopleDialect,
  { held, photo, wanted, began }: { held: BoxPerson; photo: Buffer; wanted: Wanted | null; began: Seen },
  signal: AbortSignal,
): Promise<string | null> {
  if (wanted !== null && !hasRecord(held, wanted)) {
    throw new Refused("the box says that it took name, type and group, and has others");
  }
  if (!tookPhoto(held, photo, began)) {
    throw new Refused("the box says that it took the photo, and still has the earlier one");
  }
  if (held.photo === null) return "the box does not give out the photo, so that it could be compared";
  if (held.photo.equals(photo)) return null;
  return compared(dialect, held.photo, photo, signal);
}

async function compared(dialect: PeopleDialect, held: Buffer, photo: Buffer, signal: AbortSignal) {
  const isSame = await dialect.isSame(held, photo, signal).catch((error: unknown) => {
    const why = judged(error);
    if (why instanceof Refused) return why;
    throw error;
  });
  if (isSame === false) throw new Refused("the box has another face under this id than the photo shows");
  if (isSame === true) return null;
  return isSame === null ? "the box cannot compare faces" : `the box did not compare the photo: ${isSame.message}`;
}
