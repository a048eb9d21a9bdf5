import type { Held, PeopleDialect, Wanted } from "./dialect.ts";
import type { Kept } from "./kept.ts";
import { judged, Refused } from "./refused.ts";

/**
 * Whether the box has taken a photo: it gives out the same bytes, or names another picture than before the order. A box
 * may encode a photo anew, so other bytes alone say nothing.
 */
export function tookPhoto({ photo, imageId }: Held, sent: Buffer, { before }: Kept): boolean {
  if (photo?.equals(sent)) return true;
  if (before === null) return photo !== null || imageId !== null;
  if (imageId !== null && before.imageId !== null) return imageId !== before.imageId;
  return photo !== null && before.photo !== null && !photo.equals(Buffer.from(before.photo, "base64"));
}

/** Whether a person is who they are to be. More groups than wanted are left to them. */
export function hasRecord({ name, type, permissionIds }: Held, wanted: Wanted): boolean {
  const isInAll = wanted.permissionIds.every((id) => permissionIds.includes(id));
  return name === wanted.name && type === wanted.type && isInAll;
}

/**
 * Checks by what was read back, and where the box can compare, by a comparison that makes no event. Returns what could
 * not be checked, or null. Throws Refused where the box said that it took what it does not have.
 */
export async function checkTaken(
  dialect: PeopleDialect,
  { held, photo, wanted, kept }: { held: Held; photo: Buffer; wanted: Wanted | null; kept: Kept },
  signal: AbortSignal,
): Promise<string | null> {
  if (wanted !== null && !hasRecord(held, wanted)) {
    throw new Refused("the box says that it took name, type and group, and has others");
  }
  if (!tookPhoto(held, photo, kept)) {
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
