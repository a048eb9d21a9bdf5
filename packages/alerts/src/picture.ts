import type { Log } from "@gatepost/core/log";
import type { PictureReader } from "@gatepost/core/pictures";
import { announcedPhoto } from "@gatepost/protocol";
import type { Picture } from "./message/message.ts";
import type { Subject } from "./message/subject.ts";

/**
 * The picture to send along: the face, else the scene. Null where there is none, or a larger one than the channel takes;
 * and where it cannot be read just now, because people are to hear of a passing though the store of pictures is in trouble.
 */
export async function pictureOf(
  { stored }: Subject,
  maxBytes: number,
  { pictures, log }: { pictures: PictureReader; log: Log },
): Promise<Picture | null> {
  const photo = stored === null ? null : announcedPhoto(stored.reports);
  if (photo === null || photo.picture.bytes > maxBytes) return null;
  const { month, sha256, contentType } = photo.picture;
  const bytes = await pictures.get(month, photo.kind, sha256, photo.picture).catch((cause: unknown) => {
    log.warn("an alert goes without its picture, which cannot be read", { cause });
    return null;
  });
  return bytes === null ? null : { bytes, contentType };
}
