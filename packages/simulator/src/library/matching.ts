import { isObject, type JsonObject } from "@gatepost/protocol";
import { userTypes } from "../bodies/flat.ts";
import { facesIn, featureBase64, featureOf } from "../faces.ts";
import { requiredText } from "./fields.ts";
import type { FaceLibrary } from "./library.ts";
import { compare, failingItems, type Photo, percentOf, readPhoto } from "./photo.ts";
import { LibraryError } from "./refusal.ts";

/** Notifies the box that a picture sent to it matched a person, which makes an event like any other. */
export type Matched = (look: number, device: string | null) => void;

const bbox = [95, 61, 529, 652];
const items = ["headpose", "clarity", "face_size", "partial", "face_color", "brightness", "mask", "occlusion"];
/** The thresholds of V5's comparison, on the scale of cosines. SYS5.4/3. */
const thresholds: Record<string, number> = { high: 0.275, middle: 0.225, low: 0.175 };

/** V2R6 and V5R3 to V5R7: `FIQA`, `detect`, `compare`, `PictureMatch`. SYS5.4/2 to 5; docs/acting.md. */
export const matchingV5: Record<string, (library: FaceLibrary, body: JsonObject, matched: Matched) => JsonObject> = {
  "/SophonFace/api/FIQA"(library, body) {
    const { bytes } = readPhoto(body["image_base64_str"], "image_base64_str");
    const fails = failingItems(library, body["fiqa_level"] ?? "high");
    const success = items.filter((item) => !fails.includes(item));
    const [first, ...others] = facesIn(bytes) ?? [];
    const quality = { fails, success, fiqa_result: fails.length === 0, info: {}, score: fails.length === 0 ? 1 : 0.2 };
    const smaller = others.map(() => ({ ...quality, bbox: [600, 70, 640, 120] }));
    return { data: first === undefined ? [] : [{ ...quality, bbox }, ...smaller] };
  },
  "/SophonFace/api/detect"(_library, body) {
    const { look } = readPhoto(body["image_base64_str"], "image_base64_str");
    return { data: [{ bbox, ...(body["with_feature"] === true ? { feature: featureOf(look) } : {}) }] };
  },
  "/SophonMatch/api/compare"(library, body, matched) {
    const face = readPhoto(body["face_image_base64"], "face_image_base64");
    const card = readPhoto(body["card_image_base64"], "card_image_base64");
    const score = compare(face, card);
    const isSame = score >= (thresholds[String(body["threshold"] ?? "middle")] ?? 1);
    if (body["need_save"] === true) matched(face.look, null);
    return { retcode: isSame ? "1" : "0", score, ...named(library, isSame ? face : null) };
  },
  "/SophonMatch/api/PictureMatch"(library, body, matched) {
    const photo = readPhoto(body["rgb_image_base64"], "rgb_image_base64");
    const device = body["device_ip"];
    if (typeof device !== "string" && typeof body["permission_name"] !== "string") {
      throw new LibraryError("field-missing", "device_ip");
    }
    matched(photo.look, typeof device === "string" ? device : null);
    const found = library.recognise(photo.look);
    return { retcode: found === null ? "0" : "1", score: found === null ? 0.1 : 1, ...named(library, photo) };
  },
};

function named(library: FaceLibrary, photo: Photo | null): JsonObject {
  const found = photo === null ? null : library.recognise(photo.look);
  return found === null ? { identity_id: "", name: "stranger" } : { identity_id: found.id, name: found.name };
}

/** V6: `fiqa`, `detect`, `compare`, `search`. SYS5.4-V6/2 to 5; docs/acting.md. */
export const matchingV6: Record<string, (library: FaceLibrary, body: JsonObject, matched: Matched) => JsonObject> = {
  fiqa(library, body) {
    readPhoto(body["image_base64_str"], "image_base64_str");
    const failed_items = failingItems(library, body["fiqa_level"] ?? "high");
    const passed_items = items.filter((item) => !failed_items.includes(item));
    const detailed_result = { bbox, passed_items, failed_items, detailed_scores: {} };
    return { fiqa_result: failed_items.length === 0, detailed_result };
  },
  detect(_library, body) {
    const { look } = readPhoto(body["image_base64_str"], "image_base64_str");
    const feature_base64_str = featureBase64(featureOf(look));
    return { faces: [{ bbox, ...(body["with_feature"] === true ? { feature_base64_str } : {}) }] };
  },
  compare(_library, body) {
    const first = readPhoto(body["image_1_base64"], "image_1_base64");
    const other = readPhoto(body["image_2_base64"], "image_2_base64");
    return { score: percentOf(compare(first, other)) };
  },
  search(library, body, matched) {
    const photo = readPhoto(body["rgb_image_base64"], "rgb_image_base64");
    if (!isObject(body) || typeof body["permission_name"] !== "string") requiredText(body, "media_device_ip");
    const device = body["media_device_ip"];
    matched(photo.look, typeof device === "string" ? device : null);
    const found = library.recognise(photo.look);
    if (found === null) return { result: false, score: 12.5, identity_id: "", identity_info: {} };
    const identity_info = { identity_name: found.name, user_type: userTypes[found.type] };
    return { result: true, score: 100, identity_id: found.id, identity_info };
  },
};
