import { isObject, type Json, type JsonObject } from "@gatepost/protocol";
import type { BoxApi } from "./box-api.ts";
import type { Stored } from "./history.ts";
import type { RegisteredPictures } from "./registered-pictures.ts";

/** A box to ask for pictures. */
export interface PictureSource {
  api: BoxApi;
  registered: RegisteredPictures;
}

/**
 * Makes the report of a stored event: the event of the box with its pictures, under the names that pushes use, and with
 * the time under which the cloud knows it.
 */
export async function attachPictures(
  { event, at }: Stored,
  source: PictureSource,
  signal: AbortSignal,
): Promise<JsonObject> {
  // Seconds, as boxes write them. With three decimals, ms are exact.
  const timed = { ...event, timestamp: at / 1000 };
  const isV5 = isObject(event["common"]);
  const pictures = await (isV5 ? picturesV5(event, source, signal) : picturesV6(event, source, signal));
  return { ...timed, ...pictures };
}

/** V2R6 and V5R5 to V5R7: SYS5.5/14 and SYS5.5/15. docs/formats.md §4.4. */
async function picturesV5(event: JsonObject, { api }: PictureSource, signal: AbortSignal): Promise<JsonObject> {
  const common = objectAt(event, "common");
  const at = `?datetime=${encodeURIComponent(String(event["timestamp"]))}`;
  const taken = (id: Json | undefined) => load(api, "/SophonFace/api/event_images/", id, at, signal);
  return present({
    spot_pic: await taken(common["spot_pic_id"]),
    recognize_face: await taken(common["recognize_face_pic_id"]),
    ir_pic: await taken(objectAt(event, "gate_data")["ir_image_id"]),
    reg_pic: await load(api, "/SophonFace/api/images/", objectAt(common, "identity_info")["image_id"], "", signal),
  });
}

/** V6: SYS5.5-V6/13, SYS5.5-V6/17 and SYS5.3-V6/9. docs/formats.md §4.4. */
async function picturesV6(
  event: JsonObject,
  { api, registered }: PictureSource,
  signal: AbortSignal,
): Promise<JsonObject> {
  const at = `?timestamp=${encodeURIComponent(String(event["timestamp"]))}`;
  const taken = (id: Json | undefined) => load(api, "/sophon/v2/face/getspotimage/", id, at, signal);
  const imageId = idIn(event["register_image_id"]);
  const registeredImage = imageId === null ? null : await registered.findSure(imageId, signal);
  return present({
    spot_image: await taken(event["spot_image_id"]),
    recognize_face_image: await taken(event["recognize_face_image_id"]),
    reg_image: registeredImage?.toString("base64") ?? null,
  });
}

async function load(
  api: BoxApi,
  path: string,
  sent: Json | undefined,
  query: string,
  signal: AbortSignal,
): Promise<string | null> {
  const id = idIn(sent);
  if (id === null) return null;
  const picture = await api.picture(`${path}${encodeURIComponent(id)}${query}`, signal);
  return picture === null ? null : picture.toString("base64");
}

function idIn(sent: Json | undefined): string | null {
  return typeof sent === "string" && sent !== "" ? sent : null;
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const inner = value[key];
  return isObject(inner) ? inner : {};
}

function present(pictures: Record<string, string | null>): JsonObject {
  return Object.fromEntries(Object.entries(pictures).filter(([, picture]) => picture !== null));
}
