import * as z from "zod/mini";
import type { Claims } from "../claims.ts";
import { dialect, type PicturesAt, type Translation } from "../dialect.ts";
import { omitEmpty } from "../json.ts";
import { once } from "../once.ts";
import type { Path } from "../paths.ts";
import { moment, nested, number, personId, text, unread } from "../wire.ts";
import { attributesOf, faceShape, firstSaid, readDeviceType, scored } from "./readings.ts";

const mediaDevice = once(() => ({
  media_device_id: text(),
  media_device_type: text(),
  media_device_ip: text(),
  media_device_name: text(),
}));
const inInfo = (name: keyof ReturnType<typeof mediaDevice>) => ["media_device_info", name];

/**
 * The fields of V6. History names its device in `media_device_info`, the WebSocket at the root; the registered picture
 * has three names. docs/formats.md §2 (d), §2 (g), §5.5.
 */
const v6Shape = once(() => ({
  identity_id: personId(),
  identity_name: text(),
  timestamp: moment(),
  score: number(),
  post_action: unread(),
  user_type: unread(),
  mq_license_key: text(),
  media_device_info: nested(mediaDevice()),
  ...mediaDevice(),
  reg_image: unread(),
  register_image: unread(),
  reg_pic: unread(),
  spot_image: unread(),
  recognize_face_image: unread(),
  ir_image: unread(),
  recognize_face_attr: nested(faceShape()),
}));

type V6Body = z.output<z.ZodMiniObject<ReturnType<typeof v6Shape>, z.core.$loose>>;

const v6Pictures: PicturesAt = {
  registered: [["reg_image"], ["register_image"], ["reg_pic"]],
  scene: [["spot_image"]],
  face: [["recognize_face_image"]],
  infrared: [["ir_image"]],
};

/** The paths of the wanted action and the person's type. */
const v6Said = { wantAction: ["post_action"], personType: ["user_type"] };

function readV6(body: V6Body, claims: Claims, scale: number | null): Translation {
  const keep: Path[] = [];
  const deviceMember = (name: keyof ReturnType<typeof mediaDevice>) =>
    firstSaid(
      [
        { value: body.media_device_info?.[name], at: inInfo(name) },
        { value: body[name], at: [name] },
      ],
      keep,
    );
  const sentType = deviceMember("media_device_type");
  const typeAt = body.media_device_info?.media_device_type === undefined ? [] : ["media_device_info"];
  const type = readDeviceType(sentType, [...typeAt, "media_device_type"], keep);
  const facts = omitEmpty({
    time: body.timestamp,
    serial: body.mq_license_key,
    device: omitEmpty({
      id: deviceMember("media_device_id"),
      ip: deviceMember("media_device_ip"),
      type,
      name: deviceMember("media_device_name"),
    }),
    person: omitEmpty({ id: body.identity_id, name: body.identity_name, type: claims.personType }),
    score: scored(body.score, scale),
    wantAction: claims.wantAction,
    attributes: attributesOf(body.recognize_face_attr),
  });
  return { facts, keep };
}

const historySigns = ["post_action", "media_device_info", "mq_license_key"];

/** History of V6. docs/formats.md §2 (d). */
export const historyV6 = dialect({
  name: "history-v6",
  kind: "history",
  sender: { firmware: "V6" },
  timesAt: { time: ["timestamp"], enteredAt: ["in_timestamp"], leftAt: ["out_timestamp"] },
  picturesAt: v6Pictures,
  claimedAt: v6Said,
  looksLike: (body) => historySigns.some((key) => key in body),
  schema: () => z.looseObject({ ...v6Shape(), in_timestamp: moment(), out_timestamp: moment() }),
  read: (body, claims) => {
    const { facts, ...others } = readV6(body, claims, 100);
    const times = omitEmpty({ enteredAt: body.in_timestamp, leftAt: body.out_timestamp });
    return { facts: { ...facts, ...times }, ...others };
  },
});

const liveSigns = ["media_device_id", "register_image", "recognize_face_image"];

/**
 * A WebSocket event of a V6 box. Its table shows a score of 82.05 and its example one of 0.62, so the scale is not
 * known. docs/formats.md §2 (g).
 */
export const wsV6 = dialect({
  name: "ws-v6",
  kind: "live",
  sender: { model: "SE5", firmware: "V6", via: "bridge" },
  timesAt: { time: ["timestamp"] },
  picturesAt: v6Pictures,
  claimedAt: v6Said,
  looksLike: (body) => liveSigns.some((key) => key in body),
  schema: () => z.looseObject(v6Shape()),
  read: (body, claims) => readV6(body, claims, null),
});

/** An event as the query API of V6 returns it; times are float seconds though tabled as ms. docs/formats.md §4.4. */
export const storedV6 = dialect({
  name: "stored-v6",
  kind: "backfill",
  sender: { firmware: "V6", via: "bridge" },
  timesAt: { time: ["timestamp"], enteredAt: ["ext_data", "in_timestamp"], leftAt: ["ext_data", "out_timestamp"] },
  picturesAt: v6Pictures,
  claimedAt: v6Said,
  looksLike: (body) => "recognize_face_image_id" in body || "spot_image_id" in body,
  schema: () => z.looseObject({ ...v6Shape(), ext_data: nested({ in_timestamp: moment(), out_timestamp: moment() }) }),
  read: (body, claims) => {
    const { facts, ...others } = readV6(body, claims, 100);
    const times = omitEmpty({ enteredAt: body.ext_data?.in_timestamp, leftAt: body.ext_data?.out_timestamp });
    return { facts: { ...facts, ...times }, ...others };
  },
});
