import {
  deviceName,
  type FaceEvent,
  isObject,
  type Json,
  type JsonObject,
  type PersonType,
  type PictureKind,
  personType,
} from "@gatepost/protocol";
import type { LiveConfiguration } from "./configuration.ts";

type DeviceType = FaceEvent["device"]["type"];

/* The form in which an SE5 writes an event. docs/formats.md §1. */

const personCodes = new Map<PersonType, number>([
  ["employee", 1],
  ["visitor", 2],
  ["blacklist", 3],
  ["stranger", 4],
  ["vip", 5],
]);

/** The number 1 to 5 of a person type; for an unknown type the number that was sent, else 0. */
function personTypeCode({ person, extra }: FaceEvent): number {
  const known = personCodes.get(person.type);
  if (known !== undefined) return known;
  const sent = Number(sentType(extra));
  return Number.isInteger(sent) ? sent : 0;
}

/** V6's word for a person type; for an unknown type the one that was sent. */
function personTypeWord({ person, extra }: FaceEvent): string {
  const sent = person.type === "unknown" ? sentType(extra) : null;
  return sent === null ? person.type : String(sent);
}

/** The type as it was sent, which stays in `extra` where it is unknown. */
function sentType(extra: FaceEvent["extra"]): Json {
  const nested = extra["ext_data"];
  const found = isObject(nested) ? nested["person_type"] : undefined;
  const sent = [found, extra["person_type"], extra["user_type"], extra["userType"]];
  return sent.find(isOfNoType) ?? null;
}

/**
 * Whether a sent value is the unknown type itself: other values nearby may read as a type that the person does not
 * have.
 */
function isOfNoType(sent: Json | undefined): sent is string | number {
  return (typeof sent === "string" || typeof sent === "number") && personType(`${sent}`) === "unknown";
}

const deviceCodes = new Map<DeviceType, string>([
  ["turnstile", "0"],
  ["capture", "1"],
  ["ipc-static", "2"],
  ["ipc-dynamic", "3"],
  ["access-control", "4"],
  [null, ""],
]);

/** A digit, or a newer word as it is. */
function deviceTypeCode(type: DeviceType): string {
  return deviceCodes.get(type) ?? type ?? "";
}

const streams = new Set<DeviceType>(["ipc-static", "ipc-dynamic"]);

/** The word of V6: gates and snapshot cameras are `photo`, other cameras `rtsp`; newer words stay. */
function mediaDeviceType(type: DeviceType): string {
  if (type === null || !deviceCodes.has(type)) return type ?? "";
  return streams.has(type) ? "rtsp" : "photo";
}

/** Pictures by their kind, in base64. */
export type LivePictures = Partial<Record<PictureKind, string>>;

const kindsWithFace = { 5: ["face", "scene"], 6: ["face"] } as const;

/** The pictures that a client asks for. */
export function picturesIn({ version, face, registered }: LiveConfiguration): PictureKind[] {
  return [...(face ? kindsWithFace[version] : []), ...(registered ? ["registered" as const] : [])];
}

/** An event as an SE5 sends it, with "" for unknown values. */
export function render(event: FaceEvent, { version }: LiveConfiguration, pictures: LivePictures): JsonObject {
  return version === 5 ? asV5(event, pictures) : asV6(event, pictures);
}

/** docs/formats.md §2 (g), from MQ/7.1, and the `video_id` and `event_id` that the documents' own client prints. */
function asV5(event: FaceEvent, pictures: LivePictures): JsonObject {
  const { device, person, quality } = event;
  const deviceId = deviceName(event.device) ?? "";
  return {
    event_id: event.id,
    video_id: textOf(event.extra["video_id"]) ?? deviceId,
    device_id: deviceId,
    identity_id: person.id ?? "",
    identity_name: person.name ?? "",
    identity_info: person.info,
    group_name: person.group ?? "",
    reg_pic: pictures.registered ?? "",
    timestamp: event.timestamp,
    score: scoreOf(event, 1),
    ext_data: {
      device_ip: device.ip ?? "",
      device_type: deviceTypeCode(device.type),
      person_type: personTypeCode(event),
      spot_pic: pictures.scene ?? "",
      recognize_face: pictures.face ?? "",
      grab_fiqa_info: quality.grab,
      box_fiqa_info: quality.box,
    },
  };
}

/** V6's realtime event; its pictures are data URIs. */
function asV6(event: FaceEvent, pictures: LivePictures): JsonObject {
  const { device, person, attributes } = event;
  const { age, gender, glasses, faceBox } = attributes;
  return {
    event_id: event.id,
    timestamp: event.timestamp,
    identity_id: person.id ?? "",
    identity_name: person.name ?? "",
    user_type: personTypeWord(event),
    score: scoreOf(event, 100),
    media_device_ip: device.ip ?? "",
    media_device_id: deviceName(event.device) ?? "",
    media_device_type: mediaDeviceType(device.type),
    register_image: dataUri(event, "registered", pictures),
    recognize_face_image: dataUri(event, "face", pictures),
    recognize_face_attr: { age, gender, glasses, box: faceBox },
  };
}

function dataUri(event: FaceEvent, kind: PictureKind, pictures: LivePictures): string {
  const base64 = pictures[kind];
  return base64 === undefined ? "" : `data:${event.pictures[kind]?.contentType ?? "image/jpeg"};base64,${base64}`;
}

/** More than any box has of a score, and fewer than a division spoils: 0.57 of 1 is 57 of 100, not 56.99999999999999. */
const scoreDigits = 12;

/** The score on the scale of a version, if its own scale is known. */
function scoreOf({ score, scoreScale }: FaceEvent, scale: number): number {
  if (score === null) return 0;
  if (scoreScale === null || scoreScale === scale) return score;
  return Number(((score / scoreScale) * scale).toPrecision(scoreDigits));
}

function textOf(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}
