import { createHmac, timingSafeEqual } from "node:crypto";
import { dayMs, storedJson } from "@gatepost/protocol";
import * as z from "zod/mini";
import { GatepostError } from "../errors/errors.ts";

/** The photo of an announcement, and the id of its event. */
interface LinkedPhoto {
  id: string;
  sha256: string;
}

/** Makes the link to a photo for an entry of the bus; null if the public address is unknown. */
export type PhotoLinks = (photo: LinkedPhoto) => { url: string; expires: string } | null;

/** The secret for links of photos: another one than for other links, if functions that deliver sign them. */
interface PhotoSigning {
  photoSecret: Buffer;
  /** ms since 1970. */
  clock(): number;
}

const macBytes = 16;

/**
 * A link to the photo of an announcement, for its entry on the bus. It needs no key, and ends after a day, or with its
 * event.
 *
 * @param base the public address of the API, without a slash at its end
 */
export function photoLink(
  { id, sha256 }: LinkedPhoto,
  { base, photoSecret, clock }: PhotoSigning & { base: string },
): { url: string; expires: string } {
  const until = clock() + dayMs;
  const content = Buffer.from(JSON.stringify([id, sha256, until]));
  const link = Buffer.concat([macOf(content, photoSecret), content]).toString("base64url");
  return { url: `${base}/v1/pictures/${link}`, expires: new Date(until).toISOString() };
}

/** The facts of a link to a photo; null if it is none. Throws 410 if it has ended. */
export function openPhotoLink(link: string, { photoSecret, clock }: PhotoSigning): LinkedPhoto | null {
  const bytes = Buffer.from(link, "base64url");
  const [mac, content] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)];
  if (mac.length < macBytes || !timingSafeEqual(mac, macOf(content, photoSecret))) return null;
  const [id, sha256, until] = z.parse(storedJson(z.tuple([z.string(), z.string(), z.number()])), content.toString());
  if (until > clock()) return { id, sha256 };
  throw new GatepostError("gone", "this link has ended; ask for the photo of the action, with a key");
}

/** The text in front keeps the link apart from links of other kinds. */
function macOf(content: Buffer, secret: Buffer): Buffer {
  return createHmac("sha256", secret).update("photo\0").update(content).digest().subarray(0, macBytes);
}
