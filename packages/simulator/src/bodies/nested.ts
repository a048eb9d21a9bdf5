import type { JsonObject } from "@gatepost/protocol";
import { base64, type Passing, type Pictures } from "../passing.ts";
import type { Version } from "./versions.ts";

const rounded = (score: number) => Math.round(score * 1e6) / 1e6;

/** The person at the root, as in (a), (b), (f) and (g, V5). docs/formats.md §2. */
function root({ person, at, score }: Passing, pictures: Pictures): JsonObject {
  return {
    identity_id: person.id,
    identity_name: person.name,
    group_name: person.group,
    reg_pic: base64(pictures.registered),
    timestamp: at,
    score: rounded(score),
  };
}

function extData({ person, device }: Passing, pictures: Pictures): JsonObject {
  return {
    device_ip: device.ip,
    device_type: device.type,
    person_type: person.type,
    spot_pic: base64(pictures.scene),
    recognize_face: base64(pictures.face),
  };
}

/** (a) SE3 real-time: it does not name the box, and has a face only if its switch is on. */
export function realtime(passing: Passing, pictures: Pictures): JsonObject {
  const { recognize_face: _, ...ext } = extData(passing, pictures);
  const face: JsonObject = pictures.face === null ? {} : { recognize_face: base64(pictures.face) };
  return { ...root(passing, pictures), ext_data: { ...ext, ...face, grab_fiqa_info: {}, box_fiqa_info: {} } };
}

/** (b) SE3 history, V2R2 to V5R3. */
export function nestedHistory(passing: Passing, pictures: Pictures, version: Version): JsonObject {
  const { device, serial } = passing;
  const ids = { ep_id: `${serial}__${device.ip}`, dev_sno: serial };
  return {
    ...root(passing, pictures),
    // From V2R3 on.
    ...(version === "V2R2" ? {} : { want_action: passing.wantAction }),
    ext_data: { ...extData(passing, pictures), ...ids, ...quality(passing, version) },
  };
}

/** The fiqa infos were given up for `info` in V5R3; V5R2 has both. */
function quality({ isRegistrable }: Passing, version: Version): JsonObject {
  const fiqa = {
    grab_fiqa_info: {},
    box_fiqa_info: {
      age: 31,
      sex: 1,
      fiqa_result: isRegistrable,
      success: [],
      fails: isRegistrable ? [] : ["clarity"],
    },
  };
  const info = { age: "youth", gender: "female", glasses: "no" };
  if (version === "V5R3") return { info: { ...info, box: [152, 64, 301, 240], feature: [] } };
  return version === "V5R2" ? { ...fiqa, info } : fiqa;
}

/** (f) A pass record of sophonsight, generation B. */
export function passRecord(passing: Passing, pictures: Pictures): JsonObject {
  const { person, device } = passing;
  const info =
    person.type === 4 ? {} : { image_id: person.imageId, type: person.type, user_id: person.id, face_ids: [] };
  return {
    ...root(passing, pictures),
    device_id: device.id,
    identity_info: info,
    ext_data: { ...extData(passing, pictures), grab_fiqa_info: {}, box_fiqa_info: {} },
  };
}

/** (g) An SE5's WebSocket event, V2R6 to V5R7, with the two ids that the documents' client reads. */
export function liveV5(passing: Passing, pictures: Pictures): JsonObject {
  const { person, device, at } = passing;
  const info = { addTime: Math.floor(at / 1000), image_id: person.imageId, name: person.name, type: person.type };
  return {
    ...root(passing, pictures),
    video_id: device.id,
    event_id: eventId(passing),
    device_id: device.id,
    identity_info: person.type === 4 ? {} : info,
    ext_data: extData(passing, pictures),
  };
}

/** Digits of microseconds. docs/formats.md §4.4. */
export function eventId({ at, number }: Passing): string {
  return `${at}${String(number % 1000).padStart(3, "0")}`;
}
