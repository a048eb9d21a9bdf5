import type * as z from "zod/mini";
import { actionNames, type WantAction } from "./action.ts";
import type { ShownBox } from "./box.ts";
import type { busSchemas, photoSchema } from "./bus-schemas.ts";
import { isCheckBox } from "./check.ts";
import type { Decline } from "./decline.ts";
import { idOf } from "./digest.ts";
import { minuteMs } from "./durations.ts";
import type { EventAction, FaceEvent } from "./event.ts";
import { instant } from "./instant.ts";
import { latenessOf } from "./lateness.ts";
import { type LocatedPicture, locatePicture, merge, pictureHref, type StoredEvent } from "./merge.ts";
import { setPath } from "./paths.ts";
import type { DialectName } from "./recognise.ts";
import type { Report } from "./report.ts";

/** Bytes of an entry as JSON, at most: so EventBridge delivers it to every kind of target. */
export const busEntryBytes = 256 * 1024;

export type DetailType = keyof typeof busSchemas;

export interface EntryOf<Type extends DetailType> {
  /** Equal for every try to deliver the same. */
  id: string;
  source: "gatepost";
  detailType: Type;
  /** ISO instant. */
  time: string;
  detail: z.output<(typeof busSchemas)[Type]>;
}

/** An entry about a box, or about one of its devices. */
export type BoxEntry = EntryOf<"Box Silent"> | EntryOf<"Box Recovered"> | EntryOf<"Unknown Action Requested">;

/** An entry about an evacuation list. */
export type EvacuationEntry = EntryOf<"Evacuation Begun"> | EntryOf<"Evacuation Ended">;

/** An entry about the target of a rule. */
export type TargetEntry = EntryOf<"Target Failing"> | EntryOf<"Target Recovered">;

/**
 * An entry of the bus as EventBridge takes it; the embedded bus delivers the same. Its type decides the form of its
 * detail.
 */
export type BusEntry = { [Type in DetailType]: EntryOf<Type> }[DetailType];

/** An entry about an event. */
export type EventEntry = Exclude<
  BusEntry,
  | BoxEntry
  | EvacuationEntry
  | TargetEntry
  | EntryOf<"Action Declined">
  | EntryOf<"Event Acknowledged">
  | EntryOf<"Alarm Not Acknowledged">
  | EntryOf<"Visitor Arrived">
>;

/** The id of the event that an entry is about, of several the newest; null if it is about a box, a list or a target. */
export function eventIdOf({ detail }: BusEntry): string | null {
  if ("acknowledgement" in detail) return detail.acknowledgement.events[0] ?? null;
  if ("events" in detail) return detail.events[0] ?? null;
  if ("eventId" in detail) return detail.eventId;
  return "event" in detail ? detail.event.id : null;
}

/** Bytes left for account, region and id, which the bus adds. */
const envelopeBytes = 1024;
/** Bytes that may be used of an entry. */
const freeEntryBytes = busEntryBytes - envelopeBytes;

function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}

export interface PictureAddress {
  bucket: string | null;
  key: string;
  /** Opens the picture without a key until it expires. */
  link?: { url: string; expires: string };
}

export type AddressOf = (picture: LocatedPicture) => PictureAddress;

/** The settings that an announcement depends on, in addition to the stored data. */
export interface Announcing {
  addressOf: AddressOf;
  /** ms since 1970. */
  now: number;
  /** Whether the entry waited for a rule: then it is late, however short that was. */
  hasWaited?: boolean;
  /** Whether it is sent again, on request. */
  isRepeat?: boolean;
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

/** The announcement of an event as such, if the deployment asks for it. */
export function eventRecorded(stored: StoredEvent, announcing: Announcing): EntryOf<"Face Event Recorded"> {
  const detail = subjectOf(stored, null, announcing);
  const { id } = stored;
  return fitting({ source: "gatepost", id, detailType: "Face Event Recorded", time: detail.event.receivedAt, detail });
}

function subjectOf(
  stored: StoredEvent,
  wanted: WantAction | null,
  { addressOf, now, hasWaited = false, isRepeat = false }: Announcing,
): z.output<(typeof busSchemas)["Face Event Recorded"]> {
  const event = merge(stored);
  const lateness = latenessOf(event, firstWith(wanted, stored.reports), now);
  const waited = hasWaited ? { late: true, late_reason: lateness.late_reason ?? ("outage" as const) } : {};
  return {
    ...(isRepeat && { repeat: true as const }),
    ...lateness,
    ...waited,
    event,
    photo: photoOf(stored, addressOf),
  };
}

/** The report that was received first, among the reports that ask for the action if there are any. */
function firstWith(wanted: WantAction | null, reports: readonly Report[]): Report {
  const asking = reports.filter(({ wantAction }) => wantAction === wanted);
  return (asking.length > 0 ? asking : reports).reduce((first, one) =>
    one.receivedAt < first.receivedAt ? one : first,
  );
}

/** The kinds of picture that show the person of an event, the best first. */
const photoKinds = ["face", "scene"] as const;

/** The picture that an announcement names: the face, else the scene. */
export function announcedPhoto(event: Pick<StoredEvent, "id" | "reports">): LocatedPicture | null {
  for (const kind of photoKinds) {
    const photo = locatePicture(event, kind);
    if (photo !== null) return photo;
  }
  return null;
}

/** The picture with this hash, in any report of the event, even if the event shows another picture now. */
export function photoWith(sha256: string, { id, reports }: Pick<StoredEvent, "id" | "reports">): LocatedPicture | null {
  const photos = reports.flatMap((report) => photoKinds.map((kind) => locatePicture({ id, reports: [report] }, kind)));
  return photos.find((photo) => photo?.sha256 === sha256) ?? null;
}

function photoOf(stored: StoredEvent, addressOf: AddressOf): z.output<typeof photoSchema> {
  const photo = announcedPhoto(stored);
  if (photo === null) return null;
  const { kind, sha256 } = photo;
  return { kind, sha256, ...addressOf(photo), href: pictureHref(stored.id, kind) };
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

function fitting<Entry extends Exclude<BusEntry, BoxEntry | EvacuationEntry | TargetEntry>>(whole: Entry): Entry {
  for (const path of droppable) {
    if (bytesOf(whole) <= freeEntryBytes) break;
    setPath(whole.detail, path, {});
  }
  return whole;
}

/** That a person has declined an action. @param event as readers get it; null if the bus receives no events */
export function actionDeclined(
  {
    action: { id, eventId, wantAction },
    decline,
    by,
  }: {
    action: { id: string; eventId: string; wantAction: WantAction };
    decline: Pick<Decline, "reason" | "note" | "at">;
    by: EntryOf<"Action Declined">["detail"]["by"];
  },
  event: FaceEvent | null,
): EntryOf<"Action Declined"> {
  const { reason, note, at } = decline;
  return fitting({
    source: "gatepost",
    id: idOf("dec", [id, at, reason, note]),
    detailType: "Action Declined",
    time: at,
    detail: { action: id, eventId, wantAction, reason, note, by, at, ...(event === null ? {} : { event }) },
  });
}

/**
 * What a person said about events.
 *
 * @param event the newest of them, if the deployment announces events
 */
export function eventAcknowledged(
  acknowledgement: EntryOf<"Event Acknowledged">["detail"]["acknowledgement"],
  event: FaceEvent | null,
): EntryOf<"Event Acknowledged"> {
  const { id, at: time } = acknowledgement;
  const detail = event === null ? { acknowledgement } : { acknowledgement, event };
  return fitting({ source: "gatepost", id, detailType: "Event Acknowledged", time, detail });
}

/**
 * Passings of a person on the blacklist that were not acknowledged in time.
 *
 * @param alarm its events, the newest first, and the receipt of the first of them
 * @param event the newest of them, if the deployment announces events
 */
export function alarmNotAcknowledged(
  alarm: Omit<EntryOf<"Alarm Not Acknowledged">["detail"], "event">,
  event: FaceEvent | null,
): EntryOf<"Alarm Not Acknowledged"> {
  const { events, since, minutes } = alarm;
  const time = instant(Date.parse(since) + minutes * minuteMs);
  const id = idOf("una", [since, events.at(-1) ?? ""]);
  const detail = event === null ? { ...alarm } : { ...alarm, event };
  return fitting({ source: "gatepost", id, detailType: "Alarm Not Acknowledged", time, detail });
}

/**
 * That a visitor has passed for the first time, or has come before the visit begins.
 *
 * @param shown the event as readers get it
 * @param announcing whether the entry has the event, and the time of the announcement, ms since 1970
 */
export function visitorArrived(
  { visit, flags, at, begin }: Pick<EntryOf<"Visitor Arrived">["detail"], "visit" | "flags" | "at"> & { begin: number },
  { stored, shown }: { stored: StoredEvent; shown: FaceEvent },
  { now, announcesEvents }: { now: number; announcesEvents: boolean },
): EntryOf<"Visitor Arrived"> {
  const { id: eventId, box, device } = shown;
  const lateness = latenessOf(shown, firstWith(null, stored.reports), now);
  const detail = { visit, flags, at, ...lateness, eventId, box, device };
  return fitting({
    source: "gatepost",
    // A visit that was moved begins anew, and so does another one of the same action.
    id: idOf("arr", [visit.id, instant(begin), ...flags]),
    detailType: "Visitor Arrived",
    time: at,
    detail: announcesEvents ? { ...detail, event: shown } : detail,
  });
}

/** That an evacuation list has begun, or that it was closed. */
export function evacuationOf(detail: EvacuationEntry["detail"]): EvacuationEntry {
  const { id, begunAt, closedAt } = detail.roll;
  const detailType = closedAt === null ? "Evacuation Begun" : "Evacuation Ended";
  return { source: "gatepost", id: idOf("evc", [id, detailType]), detailType, time: closedAt ?? begunAt, detail };
}

/** That a target takes nothing, or that it takes entries again. @param at ms since 1970 */
export function targetHeard(
  detailType: TargetEntry["detailType"],
  { at, ...detail }: TargetEntry["detail"] & { at: number },
): TargetEntry {
  const { rule, since } = detail;
  return { source: "gatepost", id: idOf("tgt", [detailType, rule, since]), detailType, time: instant(at), detail };
}

/** A box, or one of its devices, that became silent or was heard again. */
export function boxHeard(
  type: "silent" | "recovered",
  { box, device, since, at }: { box: ShownBox; device: string | null; since: number; at: number },
): BoxEntry {
  const entry = {
    source: "gatepost" as const,
    id: idOf("box", [type, box.id, device, since]),
    detailType: type === "silent" ? ("Box Silent" as const) : ("Box Recovered" as const),
    time: instant(at),
  };
  return fittingBox({ ...entry, detail: { box, device, since: instant(since) } });
}

/** That a box wants an action which is not known. */
export function unknownActionRequested({
  box,
  since,
  at,
  ...asked
}: {
  box: ShownBox;
  since: number;
  at: number;
  wantAction: string;
  dialect: DialectName;
}): BoxEntry {
  return fittingBox({
    source: "gatepost",
    id: idOf("box", ["unknown-action", box.id, since]),
    detailType: "Unknown Action Requested",
    time: instant(at),
    detail: { box, device: null, since: instant(since), ...asked },
  });
}

/** The entry with as many devices of its box as fit. */
function fittingBox<Entry extends BoxEntry>(whole: Entry): Entry {
  const { box, device } = whole.detail;
  const room = freeEntryBytes - bytesOf({ ...whole, detail: { ...whole.detail, box: { ...box, devices: [] } } });
  return { ...whole, detail: { ...whole.detail, box: { ...box, devices: devicesThatFit(box.devices, device, room) } } };
}

type ShownDevice = ShownBox["devices"][number];

/**
 * The devices that fit into `room` bytes: first the one that the entry is about, then those that reported, then the
 * others.
 */
function devicesThatFit(devices: readonly ShownDevice[], about: string | null, room: number): ShownDevice[] {
  const rank = ({ id, lastSeen }: ShownDevice) => (id === about ? 0 : lastSeen === null ? 2 : 1);
  const kept = new Set<ShownDevice>();
  let left = room;
  for (const device of devices.toSorted((a, b) => rank(a) - rank(b))) {
    left -= bytesOf(device) + 1;
    if (left < 0) break;
    kept.add(device);
  }
  return devices.filter((device) => kept.has(device));
}
