import { ageOf, isLate } from "@gatepost/protocol";
import type { ListedAction, Removal } from "./cloud-orders.ts";
import type { Order } from "./task.ts";

/** The orders of people for the boxes of this bridge. */
export function ordersIn({ id, wantAction, approval }: ListedAction, isOwn: (box: string) => boolean): Order[] {
  if (approval === null) return [];
  const { number, order, person, name, type, group, photo, since, at } = approval;
  const isNew = wantAction === "1001" || type !== null;
  const kind = order === "undo" ? "undo" : isNew ? "register" : "update-photo";
  return approval.boxes
    .filter(({ box, state }) => state === "waiting" && isOwn(box))
    .map(({ box }) => ({
      ref: id,
      number,
      box,
      kind,
      subject: { person, name, type, group, photo },
      since: Date.parse(since),
      orderedAt: Date.parse(at),
    }));
}

/**
 * The photo that a box asked for, if it may be accepted without a person: no one has decided about it, it is not late,
 * and the person is neither a stranger nor on the blacklist. Otherwise null.
 *
 * @param now ms since 1970
 */
export function automaticOrder({ id, wantAction, box, approval, event }: ListedAction, now: number): Order | null {
  if (wantAction !== "1002" || approval !== null || event === undefined) return null;
  const { person } = event;
  const isOnlyFetched = event.reports.every(({ kind }) => kind === "backfill");
  if (person.id === null || person.type === "stranger" || person.type === "blacklist") return null;
  if (isOnlyFetched || isLate(ageOf(event, now))) return null;
  // The photo that the box compares is also the one it gets, even if a try is interrupted and the event then shows
  // another photo.
  const photo = (event.pictures.face ?? event.pictures.scene)?.sha256 ?? null;
  const subject = { person: person.id, name: person.name, type: null, group: null, photo };
  return { ref: id, number: 0, box, kind: "update-photo", subject, since: now, orderedAt: 0 };
}

/** The removal of a person from a box. */
export function removalOrder({ id, box, person, at }: Removal): Order {
  const subject = { person, name: null, type: null, group: null, photo: null };
  const orderedAt = Date.parse(at);
  return { ref: id, number: 0, box, kind: "remove", subject, since: orderedAt, orderedAt };
}
