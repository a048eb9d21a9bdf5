import * as z from "zod/mini";
import { alertLinkMs, SignedLinks } from "./links.ts";

/** The photo of an announcement, and the id of its event. */
interface LinkedPhoto {
  id: string;
  sha256: string;
}

/** Makes the link to a photo for an entry of the bus; null if the public address is unknown. */
export type PhotoLinks = (photo: LinkedPhoto) => { url: string; expires: string } | null;

interface PhotoSigning {
  /** Another one than for other links, if functions that deliver sign them. */
  photoSecret: Buffer;
  /** ms since 1970. */
  clock(): number;
}

const links = new SignedLinks<[id: string, sha256: string]>({
  purpose: "photo",
  schema: z.tuple([z.string(), z.string(), z.number()]),
  endedAdvice: "ask for the photo of the action, with a key",
});

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
  const until = clock() + alertLinkMs;
  const link = links.sign([id, sha256], until, { cursorSecret: photoSecret });
  return { url: `${base}/v1/pictures/${link}`, expires: new Date(until).toISOString() };
}

/** The facts of a link to a photo; null if it is none. Throws 410 if it has ended. */
export function openPhotoLink(link: string, { photoSecret, clock }: PhotoSigning): LinkedPhoto | null {
  const signing = { cursorSecret: photoSecret, clock };
  if (!links.isSigned(link, signing)) return null;
  const [id, sha256] = links.open(link, signing);
  return { id, sha256 };
}
