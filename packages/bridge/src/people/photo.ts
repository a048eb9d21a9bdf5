import { limits } from "@gatepost/protocol";
import { Refused } from "./refused.ts";

/**
 * Throws Refused for a photo that no box would accept. The limit is stated in MQ/5.1.1 of V6, and assumed for earlier
 * ones.
 */
export function checkPhoto(photo: Buffer): void {
  if (photo.length === 0) throw new Refused("there is no photo");
  if (photo.length > limits.pictureBytes) throw new Refused("the photo is over 5 MB, which boxes do not take");
}

/** Decodes base64 as boxes write it: plain, with the prefix of a data URI, or in lines. Null if it is empty. */
export function photoIn(text: string | undefined): Buffer | null {
  const photo = Buffer.from((text ?? "").replace(/^data:[\w/.+-]{0,64};base64,/, ""), "base64");
  return photo.length === 0 ? null : photo;
}
