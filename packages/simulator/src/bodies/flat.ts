import type { JsonObject } from "@gatepost/protocol";
import { base64, type Passing, type Pictures } from "../passing.ts";
import type { PersonType } from "../people.ts";
import { eventId } from "./nested.ts";
import type { Version } from "./versions.ts";

const percent = (score: number) => Math.round(score * 10_000) / 100;
const stayMs = 1800;

/** V6 writes words, the other versions write numbers. docs/formats.md §1. */
export const userTypes = {
  1: "employee",
  2: "visitor",
  3: "blacklist",
  4: "stranger",
  5: "vip",
} as const satisfies Record<PersonType, string>;

const attributes: JsonObject = {
  point: [231, 128, 282, 130, 256, 160, 236, 190, 276, 191],
  box: [152, 64, 301, 240],
  age: "youth",
  gender: "female",
  glasses: "no",
  hat: null,
  expression: null,
};

/** The place of the camera, in the words of (c). */
export function endpointInfo({ device, serial }: Passing): JsonObject {
  return {
    ep_id: `${serial}__${device.ip}`,
    ep_type: device.type === "3" ? "rtsp" : "photo",
    ep_ip: device.ip,
    ep_name: device.name,
    device_id: device.id,
  };
}

/** (c) Flat history, V2R6 and V5R4 to V5R7. */
export function flatHistory(passing: Passing, pictures: Pictures, version: Version): JsonObject {
  const { person, at, score, serial } = passing;
  const feature = version === "V5R6" || version === "V5R7" ? { feature_binary: "" } : { feature: [] };
  return {
    ...(version === "V5R7" ? { api_version: "1.0" } : {}),
    identity_id: person.id,
    identity_name: person.name,
    identity_info: person.type === 4 ? {} : { face_ids: [], image_id: person.imageId },
    timestamp: at,
    out_timestamp: at + stayMs,
    score: percent(score),
    want_action: passing.wantAction,
    reg_pic: base64(pictures.registered),
    spot_pic: base64(pictures.scene),
    recognize_face: base64(pictures.face),
    person_type: person.type,
    ep_info: endpointInfo(passing),
    dev_sno: serial,
    recognize_face_attr: { ...attributes, mask: "0", ...feature },
  };
}

/** The place of the camera, in the words of (d). */
export function mediaDeviceInfo({ device }: Passing): JsonObject {
  return {
    media_device_id: device.id,
    media_device_type: device.type === "3" ? "rtsp" : "photo",
    media_device_ip: device.ip,
    media_device_name: device.name,
  };
}

/** (d) V6 history. */
export function historyV6(passing: Passing, pictures: Pictures): JsonObject {
  const { person, at, score, serial } = passing;
  return {
    api_version: "2.0",
    identity_id: person.id,
    identity_name: person.name,
    timestamp: at,
    in_timestamp: at,
    out_timestamp: at + stayMs,
    score: percent(score),
    post_action: passing.wantAction,
    user_type: userTypes[person.type],
    media_device_info: { ...mediaDeviceInfo(passing), media_device_url: "" },
    mq_license_key: serial,
    reg_image: base64(pictures.registered),
    spot_image: base64(pictures.scene),
    recognize_face_image: base64(pictures.face),
    recognize_face_attr: { ...attributes, mask: "no" },
  };
}

/** (g) An SE5's WebSocket event, V6: its pictures are data URIs. */
export function liveV6(passing: Passing, pictures: Pictures): JsonObject {
  const { person, at, score } = passing;
  const { media_device_name: _, ...device } = mediaDeviceInfo(passing);
  const dataUri = (picture: Buffer | null) => (picture === null ? "" : `data:image/jpeg;base64,${base64(picture)}`);
  return {
    event_id: eventId(passing),
    timestamp: at,
    identity_id: person.id,
    identity_name: person.name,
    user_type: userTypes[person.type],
    score: percent(score),
    ...device,
    register_image: dataUri(pictures.registered),
    recognize_face_image: dataUri(pictures.face),
    recognize_face_attr: { ...attributes, mask: "no" },
  };
}
