import type * as z from "zod/mini";
import type { WantAction } from "./action.ts";
import type { busSchemas, photoSchema } from "./bus-schemas.ts";
import type { EventAction, FaceEvent } from "./event.ts";
import type { JsonObject } from "./json.ts";
import { locatePicture, merge, type StoredEvent } from "./merge.ts";
import { setPath } from "./paths.ts";
import type { PictureKind } from "./picture.ts";

/** Bytes of an entry as JSON: what EventBridge delivers to every kind of target. */
export const busEntryBytes = 256 * 1024;

export interface PictureAddress {
  bucket: string | null;
  key: string;
}

export type DetailType = keyof typeof busSchemas;

const detailTypes: Record<WantAction, DetailType> = {
  "1001": "Stranger Registration Requested",
  "1002": "Base Photo Update Requested",
};

/** An entry of the bus as EventBridge takes it; the embedded bus delivers the same. */
export interface BusEntry {
  /** Equal for every try to deliver the same. */
  id: string;
  source: "gatepost";
  detailType: DetailType;
  /** ISO instant. */
  time: string;
  detail: JsonObject;
}

type AddressOf = (month: string, kind: PictureKind, sha256: string) => PictureAddress;

/** The announcement of an action. */
export function actionRequested(stored: StoredEvent, action: EventAction, addressOf: AddressOf): BusEntry {
  const { id, wantAction, name, at } = action;
  const request = { want_action: wantAction, action: name, idempotency_key: id };
  return entry({ id, detailType: detailTypes[wantAction], time: at, request }, stored, addressOf);
}

/** The announcement of an event as such, where the deployment asks for it. */
export function eventRecorded(stored: StoredEvent, addressOf: AddressOf): BusEntry {
  const { receivedAt } = merge(stored);
  return entry({ id: stored.id, detailType: "Face Event Recorded", time: receivedAt, request: {} }, stored, addressOf);
}

function entry(
  { request, ...head }: Pick<BusEntry, "id" | "detailType" | "time"> & { request: JsonObject },
  stored: StoredEvent,
  addressOf: AddressOf,
): BusEntry {
  const event = merge(stored);
  const detail: JsonObject = { ...request, event, photo: photoOf(stored, event, addressOf) };
  return fitting({ source: "gatepost", ...head, detail });
}

function photoOf(stored: StoredEvent, event: FaceEvent, addressOf: AddressOf): z.output<typeof photoSchema> {
  for (const kind of ["face", "scene"] as const) {
    const picture = locatePicture(stored.reports, kind);
    const href = event.pictures[kind]?.href;
    if (picture === null || href === undefined) continue;
    return { kind, sha256: picture.sha256, ...addressOf(picture.month, kind, picture.sha256), href };
  }
  return null;
}

/** Free-form members of an event, which stay readable at its href, the least needed first. */
const droppable = [
  ["event", "extra"],
  ["event", "quality", "grab"],
  ["event", "quality", "box"],
  ["event", "person", "info"],
];

/** The bus adds account, region and its own id. */
const envelopeBytes = 1024;

function fitting(whole: BusEntry): BusEntry {
  const detail = whole.detail;
  for (const path of droppable) {
    if (Buffer.byteLength(JSON.stringify(whole)) <= busEntryBytes - envelopeBytes) break;
    setPath(detail, path, {});
  }
  return whole;
}
