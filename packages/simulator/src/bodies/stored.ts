import type { JsonObject } from "@gatepost/protocol";
import type { Passing } from "../passing.ts";
import { endpointInfo, mediaDeviceInfo, userTypes } from "./flat.ts";
import { eventId } from "./nested.ts";

/**
 * The time as an SE5 stores it: float seconds of a moment that is not always the one that it pushed, off by up to 1 ms.
 * docs/formats.md §4.4.
 */
export function storedSeconds({ at, number }: Passing): number {
  return (at + (number % 3) - 1) / 1000;
}

const pictureId = ({ at, number }: Passing, name: string) => `${name}-${at}-${number}`;

/** An event as `GET :5555/SophonFace/api/events` lists it, V2R6 and V5R5 to V5R7. */
export function storedV5(passing: Passing): JsonObject {
  const { person, score, wantAction } = passing;
  const isStranger = person.type === 4;
  return {
    _id: eventId(passing),
    timestamp: storedSeconds(passing),
    common: {
      // Both are empty for a person who was not recognised, even if the push had them. SYS5.5/13, see docs/formats.md
      // §0.
      identity_id: isStranger ? "" : person.id,
      identity_name: isStranger ? "" : person.name,
      identity_info: isStranger ? {} : { face_ids: [], image_id: person.imageId },
      group_name: person.group,
      person_type: person.type,
      score: Math.round(score * 10_000) / 100,
      want_action: wantAction,
      is_send: 0,
      ep_info: endpointInfo(passing),
      recognize_face_pic_id: pictureId(passing, "face"),
      spot_pic_id: pictureId(passing, "scene"),
      recognize_face_attr: { age: null, gender: null, glasses: null, box: [], point: [] },
    },
    gate_data: {},
    grab_data: {},
    video_data: {},
  };
}

/** An event as `POST :5555/sophon/v2/face/getevents` lists it. */
export function storedV6(passing: Passing): JsonObject {
  const { person, score, wantAction } = passing;
  const isStranger = person.type === 4;
  const seconds = storedSeconds(passing);
  return {
    event_id: eventId(passing),
    timestamp: seconds,
    identity_id: isStranger ? "" : person.id,
    identity_name: isStranger ? "" : person.name,
    user_type: userTypes[person.type],
    score: Math.round(score * 10_000) / 100,
    post_action: wantAction,
    media_device_info: mediaDeviceInfo(passing),
    recognize_face_image_id: pictureId(passing, "face"),
    register_image_id: person.imageId,
    spot_image_id: pictureId(passing, "scene"),
    ext_data: { in_timestamp: seconds, recognition_timestamp: seconds },
  };
}

/** The name and the passing that a picture's id is of. */
export function readPictureId(id: string): { name: "scene" | "face"; number: number } | null {
  const [, name, number] = /^(scene|face)-\d+-(\d+)$/.exec(id) ?? [];
  return name === "scene" || name === "face" ? { name, number: Number(number) } : null;
}
