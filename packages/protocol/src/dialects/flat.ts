import type * as z from "zod/mini";
import type { PicturesAt } from "../dialect.ts";
import type { Facts } from "../facts.ts";
import { omitEmpty } from "../omit-empty.ts";
import { once } from "../once.ts";
import type { Path } from "../paths.ts";
import type { Said } from "../said.ts";
import { dict, nested, number, text, unread } from "../wire.ts";
import { attributesOf, faceShape } from "./face.ts";
import { personOf, readDeviceType, scored } from "./readings.ts";

/** The fields that (c) sends at the root and a stored V5 event in `common`. docs/formats.md §2 (c), §4.4. */
export const flatShape = once(() => ({
  identity_id: text(),
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

/** Where (c) has its pictures. The bridge adds those of a stored event there. docs/formats.md §2 (c). */
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
export function flatFacts(body: FlatBody, said: Said, at: Path): { facts: Facts; keep: Path[] } {
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
    person: personOf(body, said.personType),
    score: scored(body.score, 100),
    wantAction: said.wantAction,
    attributes: attributesOf(body.recognize_face_attr),
  });
  return { facts, keep };
}
