import type { Json, JsonObject } from "./json.ts";
import type { Path } from "./paths.ts";
import { type PictureKind, pictureKinds } from "./picture.ts";
import { placesOf, valueAt } from "./places.ts";

/** What every dialect calls the pictures of a passing. */
export const pictureNames: Readonly<Record<PictureKind, readonly string[]>> = {
  registered: ["reg_pic", "reg_image", "register_image", "userPhoto"],
  scene: ["spot_pic", "spot_image", "crossSrcPhoto"],
  face: ["recognize_face", "recognize_face_image", "crossFacePhoto"],
  infrared: ["ir_pic", "ir_image"],
};

/** Where a picture may be: the member of the body that it is in, if any, and its name. */
interface Place {
  kind: PictureKind;
  path: Path;
}

/** A picture as it was sent, which may be anything. */
export interface SentPicture {
  kind: PictureKind;
  path: Path;
  sent: Json;
}

/** All places where a picture may be, those of the dialect before those of the others. */
export function picturePlaces(own: Partial<Record<PictureKind, readonly Path[]>>): readonly Place[] {
  return pictureKinds.flatMap((kind) => placesOf(own[kind] ?? [], pictureNames[kind]).map((path) => ({ kind, path })));
}

/** The pictures of a body, also where one of a kind is there more than once. A form repeats a name for each of its files. */
export function picturesIn(body: JsonObject, places: readonly Place[]): SentPicture[] {
  const pictures: SentPicture[] = [];
  for (const { kind, path } of places) {
    const sent = valueAt(body, path);
    if (sent === undefined) continue;
    const isList = Array.isArray(sent) && sent.length > 0;
    for (const one of isList ? sent : [sent]) pictures.push({ kind, path, sent: one });
  }
  return pictures;
}
