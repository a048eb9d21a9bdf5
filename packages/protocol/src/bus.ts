import type * as z from "zod/mini";
import { actionNames, type WantAction } from "./action.ts";
import { bytesOf, type EntryOf, type EventEntry, freeEntryBytes } from "./bus-entry.ts";
import type { busSchemas, photoSchema } from "./bus-schemas.ts";
import { isCheckBox } from "./check.ts";
import type { EventAction } from "./event.ts";
import { latenessOf } from "./lateness.ts";
import { locatePicture, merge, pictureHref, type StoredEvent } from "./merge.ts";
import { setPath } from "./paths.ts";
import type { PictureKind } from "./picture.ts";
import type { Report } from "./report.ts";

export interface PictureAddress {
  bucket: string | null;
  key: string;
}

export type AddressOf = (month: string, kind: PictureKind, sha256: string) => PictureAddress;

/** What an announcement depends on besides what is stored. */
export interface Announcing {
  addressOf: AddressOf;
  /** ms since 1970. */
  now: number;
}

/** The announcement of an action. For the box of checks it is always a `Gatepost Test`. */
export function actionRequested(stored: StoredEvent, action: EventAction, announcing: Announcing): EventEntry {
  if (isCheckBox(stored.box)) return testRequested(stored, action, announcing.addressOf);
  const { id, wantAction, at } = action;
  const subject = { idempotency_key: id, ...subjectOf(stored, wantAction, announcing) };
  return wantAction === "1001"
    ? fitting({
        source: "gatepost",
        id,
        detailType: "Stranger Registration Requested",
        time: at,
        detail: { want_action: wantAction, action: actionNames[wantAction], ...subject },
      })
    : fitting({
        source: "gatepost",
        id,
        detailType: "Base Photo Update Requested",
        time: at,
        detail: { want_action: wantAction, action: actionNames[wantAction], ...subject },
      });
}

function testRequested(stored: StoredEvent, { id, at }: EventAction, addressOf: AddressOf): EventEntry {
  const detail = { idempotency_key: id, event: { id: stored.id }, photo: photoOf(stored, addressOf) };
  return { source: "gatepost", id, detailType: "Gatepost Test", time: at, detail };
}

/** The announcement of an event as such, where the deployment asks for it. */
export function eventRecorded(stored: StoredEvent, announcing: Announcing): EntryOf<"Face Event Recorded"> {
  const detail = subjectOf(stored, null, announcing);
  const { id } = stored;
  return fitting({ source: "gatepost", id, detailType: "Face Event Recorded", time: detail.event.receivedAt, detail });
}

function subjectOf(
  stored: StoredEvent,
  wanted: WantAction | null,
  { addressOf, now }: Announcing,
): z.output<(typeof busSchemas)["Face Event Recorded"]> {
  const event = merge(stored);
  const lateness = latenessOf(event, firstWith(wanted, stored.reports), now);
  return { ...lateness, event, photo: photoOf(stored, addressOf) };
}

/** The report that was received first, among those that ask for the action if there are any. */
function firstWith(wanted: WantAction | null, reports: readonly Report[]): Report {
  const asking = reports.filter(({ wantAction }) => wantAction === wanted);
  return (asking.length > 0 ? asking : reports).reduce((first, one) =>
    one.receivedAt < first.receivedAt ? one : first,
  );
}

/** The kinds of picture that show the person of an event, the best first. */
const photoKinds = ["face", "scene"] as const;

/** The picture that an announcement names: the face, else the scene. */
export function announcedPhoto(reports: readonly Report[]) {
  for (const kind of photoKinds) {
    const picture = locatePicture(reports, kind);
    if (picture !== null) return { kind, picture };
  }
  return null;
}

/** The picture with this hash, in any report of the event, even if the event shows another picture now. */
export function photoWith(sha256: string, reports: readonly Report[]): ReturnType<typeof announcedPhoto> {
  for (const report of reports) {
    for (const kind of photoKinds) {
      const picture = locatePicture([report], kind);
      if (picture?.sha256 === sha256) return { kind, picture };
    }
  }
  return null;
}

function photoOf(stored: StoredEvent, addressOf: AddressOf): z.output<typeof photoSchema> {
  const photo = announcedPhoto(stored.reports);
  if (photo === null) return null;
  const { kind, picture } = photo;
  const { sha256, month } = picture;
  return { kind, sha256, ...addressOf(month, kind, sha256), href: pictureHref(stored.id, kind) };
}

/**
 * Free-form members that are left out of an entry that is too large, the least needed first. The API still has them.
 */
const droppable = [
  ["event", "extra"],
  ["event", "quality", "grab"],
  ["event", "quality", "box"],
  ["event", "person", "info"],
];

function fitting<Entry extends EventEntry>(whole: Entry): Entry {
  for (const path of droppable) {
    if (bytesOf(whole) <= freeEntryBytes) break;
    setPath(whole.detail, path, {});
  }
  return whole;
}
