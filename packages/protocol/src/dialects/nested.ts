import * as z from "zod/mini";
import type { PicturesAt, Translation } from "../dialect.ts";
import type { Facts } from "../facts.ts";
import { isObject, type JsonObject } from "../json.ts";
import { omitEmpty } from "../omit-empty.ts";
import { once } from "../once.ts";
import type { Path } from "../paths.ts";
import type { Said } from "../said.ts";
import { dict, moment, nested, number, text, unread } from "../wire.ts";
import { attributesOf, faceShape } from "./face.ts";
import { firstSaid, personOf, readDeviceType, scored } from "./readings.ts";

/** What a report says at its root, also one that has lost everything nested. */
export const rootShape = once(() => ({
  identity_id: text(),
  identity_name: text(),
  identity_info: dict(),
  group_name: text(),
  timestamp: moment(),
  score: number(),
  want_action: unread(),
  device_id: text(),
}));

/** The fields of (a), (b), (f) and V5's (g): the person at the root, the passing in `ext_data`. docs/formats.md §2. */
export const nestedSchema = once(() =>
  z.looseObject({
    ...rootShape(),
    dev_sno: text(),
    reg_pic: unread(),
    ext_data: z.looseObject({
      device_ip: text(),
      device_type: text(),
      ep_id: text(),
      dev_sno: text(),
      person_type: unread(),
      spot_pic: unread(),
      recognize_face: unread(),
      ir_pic: unread(),
      box_fiqa_info: dict(),
      grab_fiqa_info: dict(),
      info: nested(faceShape()),
    }),
  }),
);

type NestedBody = z.output<ReturnType<typeof nestedSchema>>;

export const nestedPictures: PicturesAt = {
  registered: [["reg_pic"]],
  scene: [["ext_data", "spot_pic"]],
  face: [["ext_data", "recognize_face"]],
  infrared: [["ext_data", "ir_pic"]],
};

export function hasExtData(body: JsonObject): body is JsonObject & { ext_data: JsonObject } {
  return isObject(body["ext_data"]);
}

/** Row 13 of docs/formats.md §6: a pass record of a platform, or a WebSocket event. */
export function namesItsDevice(body: JsonObject): boolean {
  return hasExtData(body) && ("device_id" in body || "identity_info" in body);
}

/** Where the type of the person is. The action is at the root. */
export const nestedSaid = { personType: ["ext_data", "person_type"] };

export function readNested(body: NestedBody, said: Said): Translation {
  const passing = body.ext_data;
  const keep: Path[] = [];
  const type = readDeviceType(passing.device_type, ["ext_data", "device_type"], keep);
  const serials = [
    { value: passing.dev_sno, at: ["ext_data", "dev_sno"] },
    { value: body.dev_sno, at: ["dev_sno"] },
  ];
  const facts: Facts = omitEmpty({
    time: body.timestamp,
    serial: firstSaid(serials, keep),
    device: omitEmpty({ id: body.device_id, ip: passing.device_ip, type, endpoint: passing.ep_id }),
    person: personOf(body, said.personType),
    score: scored(body.score, 1),
    wantAction: said.wantAction,
    quality: omitEmpty({
      box: passing.box_fiqa_info,
      grab: passing.grab_fiqa_info,
    }),
    attributes: attributesOf(passing.info),
  });
  return { facts, keep };
}
