import * as z from "zod/mini";
import type { Claims } from "../claims.ts";
import { dialect, type PicturesAt } from "../dialect.ts";
import type { Facts } from "../facts.ts";
import { isObject, omitEmpty } from "../json.ts";
import { once } from "../once.ts";
import type { Path } from "../paths.ts";
import { dict, moment, nested, number, personId, text, unread } from "../wire.ts";
import { attributesOf, faceShape, personOf, readDeviceType, scored } from "./readings.ts";

/** The fields that (c) sends at the root and a stored V5 event in `common`. docs/formats.md §2 (c), §4.4. */
const flatShape = once(() => ({
  identity_id: personId(),
  identity_name: text(),
  identity_info: dict(),
  group_name: text(),
  score: number(),
  want_action: unread(),
  person_type: unread(),
  ep_info: nested({ ep_id: text(), ep_type: text(), ep_ip: text(), ep_name: text(), device_id: text() }),
  dev_sno: text(),
  recognize_face_attr: nested(faceShape()),
}));

/** The paths of the pictures of (c). The bridge adds the pictures of a stored event there. docs/formats.md §2 (c). */
export const flatPicturesAt: PicturesAt = {
  registered: [["reg_pic"]],
  scene: [["spot_pic"]],
  face: [["recognize_face"]],
  infrared: [["ir_pic"]],
};

export const flatPictures = once(() => ({
  reg_pic: unread(),
  spot_pic: unread(),
  recognize_face: unread(),
  ir_pic: unread(),
}));

type FlatBody = z.output<z.ZodMiniObject<ReturnType<typeof flatShape>, z.core.$loose>>;

/** The facts of a passing that was sent at the path `at`. */
function flatFacts(body: FlatBody, claims: Claims, at: Path): { facts: Facts; keep: Path[] } {
  const keep: Path[] = [];
  const facts: Facts = omitEmpty({
    serial: body.dev_sno,
    device: omitEmpty({
      id: body.ep_info?.device_id,
      ip: body.ep_info?.ep_ip,
      type: readDeviceType(body.ep_info?.ep_type, [...at, "ep_info", "ep_type"], keep),
      name: body.ep_info?.ep_name,
      endpoint: body.ep_info?.ep_id,
    }),
    person: personOf(body, claims.personType),
    score: scored(body.score, 100),
    wantAction: claims.wantAction,
    attributes: attributesOf(body.recognize_face_attr),
  });
  return { facts, keep };
}

const besidesType = ["spot_pic", "recognize_face", "out_timestamp"];

/** Flat history, V2R6 and V5R4 to V5R7. docs/formats.md §2 (c). */
export const historyFlat = dialect({
  name: "history-flat",
  kind: "history",
  sender: { firmware: "V2R6 or V5R4 to V5R7", pictureSwitch: "history_need_spot_pic" },
  timesAt: { time: ["timestamp"], leftAt: ["out_timestamp"] },
  picturesAt: flatPicturesAt,
  looksLike: (body) => "ep_info" in body || ("person_type" in body && besidesType.some((key) => key in body)),
  schema: () => z.looseObject({ ...flatShape(), ...flatPictures(), timestamp: moment(), out_timestamp: moment() }),
  read: (body, claims) => {
    const { facts, keep } = flatFacts(body, claims, []);
    const times = omitEmpty({ time: body.timestamp, leftAt: body.out_timestamp });
    return { facts: { ...times, ...facts }, keep };
  },
});

/** An event as the query API of V2R6 and V5R5 to V5R7 returns it; times are float seconds. docs/formats.md §4.4. */
export const storedV5 = dialect({
  name: "stored-v5",
  kind: "backfill",
  sender: { firmware: "V2R6 or V5R5 to V5R7", via: "bridge" },
  timesAt: {
    time: ["timestamp"],
    enteredAt: ["video_data", "in_timestamp"],
    leftAt: ["video_data", "out_timestamp"],
  },
  picturesAt: flatPicturesAt,
  personAt: [
    ["common", "identity_id"],
    ["common", "identity_name"],
  ],
  claimedAt: { wantAction: ["common", "want_action"], personType: ["common", "person_type"] },
  looksLike: (body) => isObject(body["common"]) && "_id" in body,
  schema: () =>
    z.looseObject({
      ...flatPictures(),
      timestamp: moment(),
      common: z.looseObject(flatShape()),
      video_data: nested({ in_timestamp: moment(), out_timestamp: moment() }),
    }),
  read: (body, claims) => {
    const { facts, keep } = flatFacts(body.common, claims, ["common"]);
    const times = omitEmpty({
      time: body.timestamp,
      enteredAt: body.video_data?.in_timestamp,
      leftAt: body.video_data?.out_timestamp,
    });
    return { facts: { ...times, ...facts }, keep };
  },
});
