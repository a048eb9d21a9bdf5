import type { Held, PeopleDialect, Wanted } from "./dialect.ts";
import { judged, Refused } from "./refused.ts";
import { digestOf, type Seen } from "./seen.ts";

/**
 * Whether the box has taken a photo: it gives out the same bytes, or names another picture than when this very order
 * began. A box may encode a photo anew, so other bytes alone say nothing.
 */
export function tookPhoto({ photo, imageId }: Held, sent: Buffer, began: Seen): boolean {
  if (photo?.equals(sent)) return true;
  if (began.record === null) return photo !== null || imageId !== null;
  if (imageId !== null && began.imageId !== null) return imageId !== began.imageId;
  return photo !== null && began.photo !== null && digestOf(photo) !== began.photo;
}

/** Whether a person is who they are to be. More groups than wanted are left to them. */
export function hasRecord({ name, type, permissionIds }: Held, wanted: Wanted): boolean {
  const isInAll = wanted.permissionIds.every((id) => permissionIds.includes(id));
  return name === wanted.name && type === wanted.type && isInAll;
}

/**
 * Throws Refused where somebody else than a stranger is on the box under the id: whoever posts as a box can name any id, and
 * would get that person's doors.
 */
export async function requireSame(
  dialect: PeopleDialect,
  held: Held,
  { name, photo }: { name: string; photo: Buffer },
  signal: AbortSignal,
): Promise<void> {
  if (held.photo?.equals(photo)) return;
  const isSame = held.photo === null ? null : await dialect.isSame(held.photo, photo, signal);
  if (isSame ?? held.name === name) return;
  throw new Refused(
    "the box has somebody else under the id of this stranger, who was left alone: look at that person, and register the stranger on the box itself",
  );
}

/**
 * Checks by what was read back, and where the box can compare, by a comparison that makes no event. Returns what could
 * not be checked, or null. Throws Refused where the box said that it took what it does not have.
 */
export async function checkTaken(
  dialect: PeopleDialect,
  { held, photo, wanted, began }: { held: Held; photo: Buffer; wanted: Wanted | null; began: Seen },
  signal: AbortSignal,
): Promise<string | null> {
  if (wanted !== null && !hasRecord(held, wanted)) {
    throw new Refused("the box says that it took name, type and group, and has others");
  }
  if (!tookPhoto(held, photo, began)) {
    throw new Refused("the box says that it took the photo, and still has the one of before");
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
  if (isSame === false) throw new Refused("the box has another face under this id than that of the photo");
  if (isSame === true) return null;
  return isSame === null ? "the box cannot compare faces" : `the box did not compare the photo: ${isSame.message}`;
}
