import * as z from "zod/mini";
import type { Claims } from "../claims.ts";
import { dialect, type Translation } from "../dialect.ts";
import type { Facts } from "../facts.ts";
import { isObject, type JsonObject, omitEmpty } from "../json.ts";
import { once } from "../once.ts";
import type { Path } from "../paths.ts";
import { isNoPicture } from "../picture.ts";
import { dict, moment, nested, number, personId, text, unread } from "../wire.ts";
import { attributesOf, faceShape, firstSaid, personOf, readDeviceType, scored } from "./readings.ts";

/** The facts at a report's root, also of one that has lost everything nested. */
export const rootShape = once(() => ({
  identity_id: personId(),
  identity_name: text(),
  identity_info: dict(),
  group_name: text(),
  timestamp: moment(),
  score: number(),
  want_action: unread(),
  device_id: text(),
}));

/** The fields of (a), (b), (f) and V5's (g): the person at the root, the passing in `ext_data`. docs/formats.md §2. */
const nestedSchema = once(() =>
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

function hasExtData(body: JsonObject): body is JsonObject & { ext_data: JsonObject } {
  return isObject(body["ext_data"]);
}

/** Row 13 of docs/formats.md §6: a pass record of a platform, or a WebSocket event. */
function namesItsDevice(body: JsonObject): boolean {
  return hasExtData(body) && ("device_id" in body || "identity_info" in body);
}

function readNested(body: z.output<ReturnType<typeof nestedSchema>>, claims: Claims): Translation {
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
    person: personOf(body, claims.personType),
    score: scored(body.score, 1),
    wantAction: claims.wantAction,
    quality: omitEmpty({
      box: passing.box_fiqa_info,
      grab: passing.grab_fiqa_info,
    }),
    attributes: attributesOf(passing.info),
  });
  return { facts, keep };
}

/** The parts that the dialects of this shape share: they differ in their signs and senders. */
const shared = {
  timesAt: { time: ["timestamp"] },
  picturesAt: {
    registered: [["reg_pic"]],
    scene: [["ext_data", "spot_pic"]],
    face: [["ext_data", "recognize_face"]],
    infrared: [["ext_data", "ir_pic"]],
  },
  // The action is at the root.
  claimedAt: { personType: ["ext_data", "person_type"] },
  schema: nestedSchema,
  read: readNested,
};

/** Real-time of SE3, all versions. It names its device only by the address. docs/formats.md §2 (a). */
export const se3Realtime = dialect({
  name: "se3-realtime",
  kind: "realtime",
  sender: { model: "SE3", pictureSwitch: "real_need_reg_pic" },
  ...shared,
  looksLike: (body) => hasExtData(body) && "identity_id" in body,
});

/** Last parts of the paths to which boxes post history. docs/formats.md §2 (b). */
const historyRoutes: ReadonlySet<string> = new Set(["HistoryEvent", "AsyncEvent", "SophonFogHistoryEvent", "report"]);

/** A face, in its place or at the root; real-time of some versions names it and leaves it empty. */
const hasFace = (body: JsonObject & { ext_data: JsonObject }): boolean =>
  [body.ext_data, body].some(({ recognize_face }) => !isNoPicture(recognize_face));

/**
 * History of SE3, V2R1 to V5R3, including the asynchronous one with `info` and an infrared picture. docs/formats.md §2
 * (b).
 */
export const historyNested = dialect({
  name: "history-nested",
  kind: "history",
  sender: { firmware: "V2R1 to V2R4, V5R2 or V5R3", pictureSwitch: "history_need_spot_pic" },
  ...shared,
  looksLike: (body, route) => {
    if (!hasExtData(body)) return false;
    if ("want_action" in body || "dev_sno" in body.ext_data || "ep_id" in body.ext_data) return true;
    // Without its ids it has the shape of a real-time report with a face, which some versions of SE3 send.
    return historyRoutes.has(route) && "identity_id" in body && !namesItsDevice(body) && hasFace(body);
  },
});

/** A WebSocket event of an SE5, V2R6 to V5R7, as the bridge posts it. docs/formats.md §2 (g). */
export const wsV5 = dialect({
  name: "ws-v5",
  kind: "live",
  sender: { model: "SE5", firmware: "V2R6 or V5", via: "bridge" },
  ...shared,
  looksLike: (body, route) => {
    if (!namesItsDevice(body) || route === "PassRecord") return false;
    return route === "LiveEvent" || "video_id" in body || "event_id" in body;
  },
});

/**
 * A pass record of sophonsight, generation B. It has the same shape as ws-v5, which is tried first. docs/formats.md §2
 * (f).
 */
export const platformB = dialect({
  name: "platform-b",
  kind: "pass-record",
  sender: { model: "sophonsight", via: "platform" },
  ...shared,
  looksLike: namesItsDevice,
});
