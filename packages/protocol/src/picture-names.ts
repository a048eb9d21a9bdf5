import type { PictureKind } from "./picture.ts";

/** What every dialect calls the pictures of a passing. A sender that mixes dialects mixes their names too. */
export const pictureNames: Readonly<Record<PictureKind, readonly string[]>> = {
  registered: ["reg_pic", "reg_image", "register_image", "userPhoto"],
  scene: ["spot_pic", "spot_image", "crossSrcPhoto"],
  face: ["recognize_face", "recognize_face_image", "crossFacePhoto"],
  infrared: ["ir_pic", "ir_image"],
};
