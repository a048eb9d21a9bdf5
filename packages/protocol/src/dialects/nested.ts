import * as z from "zod";
import { deviceType, splitEndpoint } from "../device.ts";
import type { Translation } from "../dialect.ts";
import { isObject, type JsonObject } from "../json.ts";
import { personType } from "../person.ts";
import type { Facts } from "../report.ts";
import { sparse } from "../sparse.ts";
import { dict, moment, nested, number, numbers, text, truth, unread } from "../wire.ts";

/** The tree of dialects (a), (b), (f) and (g, V5): the person at the root, the passing in `ext_data`. DOMAIN.md §2. */
export const nestedSchema = z.looseObject({
  identity_id: text,
  identity_name: text,
  identity_info: dict,
  group_name: text,
  timestamp: moment,
  score: number,
  want_action: text,
  device_id: text,
  reg_pic: unread,
  ext_data: z.looseObject({
    device_ip: text,
    device_type: text,
    ep_id: text,
    dev_sno: text,
    person_type: text,
    spot_pic: unread,
    recognize_face: unread,
    ir_pic: unread,
    box_fiqa_info: dict,
    grab_fiqa_info: dict,
    info: nested({ age: text, gender: text, glasses: text, box: numbers, feature: unread }),
  }),
});

type NestedBody = z.output<typeof nestedSchema>;

export const nestedFeatures = [["ext_data", "info", "feature"]];

export function hasExtData(body: JsonObject): body is JsonObject & { ext_data: JsonObject } {
  return isObject(body["ext_data"]);
}

/** Row 13 of DOMAIN.md §6: a platform's record or a WebSocket event. */
export function namesItsDevice(body: JsonObject): boolean {
  return hasExtData(body) && ("device_id" in body || "identity_info" in body);
}

export function readNested(body: NestedBody): Translation {
  const passing = body.ext_data;
  const device = passing.device_type === undefined ? undefined : deviceType(passing.device_type);
  const person = passing.person_type === undefined ? undefined : personType(passing.person_type);
  const keep = [];
  if (device === null) keep.push(["ext_data", "device_type"]);
  if (person === "unknown") keep.push(["ext_data", "person_type"]);
  const facts: Facts = sparse({
    time: body.timestamp,
    serial: passing.dev_sno ?? (splitEndpoint(passing.ep_id ?? "").serial || undefined),
    device: sparse({ id: body.device_id, ip: passing.device_ip, type: device, endpoint: passing.ep_id }),
    person: sparse({
      id: body.identity_id,
      name: body.identity_name,
      type: person,
      group: body.group_name,
      info: body.identity_info,
    }),
    score: body.score === undefined ? undefined : ([body.score, 1] as [number, number]),
    wantAction: body.want_action,
    quality: sparse({
      registrable: truth.catch(undefined).parse(passing.box_fiqa_info?.["fiqa_result"]),
      box: passing.box_fiqa_info,
      grab: passing.grab_fiqa_info,
    }),
    attributes: sparse({
      age: passing.info?.age,
      gender: passing.info?.gender,
      glasses: passing.info?.glasses,
      faceBox: passing.info?.box,
    }),
  });
  const pictures = {
    registered: body.reg_pic,
    scene: passing.spot_pic,
    face: passing.recognize_face,
    infrared: passing.ir_pic,
  };
  return { facts, pictures, keep };
}
