import type * as z from "zod/mini";
import type { PicturesAt, Translation } from "../dialect.ts";
import { omitEmpty } from "../omit-empty.ts";
import { once } from "../once.ts";
import type { Path } from "../paths.ts";
import type { Said } from "../said.ts";
import { moment, nested, number, text, unread } from "../wire.ts";
import { attributesOf, faceShape } from "./face.ts";
import { firstSaid, readDeviceType, scored } from "./readings.ts";

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
export const v6Shape = once(() => ({
  identity_id: text(),
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

export const v6Pictures: PicturesAt = {
  registered: [["reg_image"], ["register_image"], ["reg_pic"]],
  scene: [["spot_image"]],
  face: [["recognize_face_image"]],
  infrared: [["ir_image"]],
};

/** Where the action and the type of the person are. */
export const v6Said = { wantAction: ["post_action"], personType: ["user_type"] };

export function readV6(body: V6Body, said: Said, scale: number | null): Translation {
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
    person: omitEmpty({ id: body.identity_id, name: body.identity_name, type: said.personType }),
    score: scored(body.score, scale),
    wantAction: said.wantAction,
    attributes: attributesOf(body.recognize_face_attr),
  });
  return { facts, keep };
}
