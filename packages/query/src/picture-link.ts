import { dayMs, minuteMs, type PictureKind, pictureKinds } from "@gatepost/protocol";
import * as z from "zod";
import { SignedLinks, type Signing } from "./signed-link.ts";

/** ms for which a link is valid that a reader asks for. */
const usualMs = 5 * minuteMs;

/** ms for which a link in an alert is valid: no link is for longer. */
export const alertLinkMs = dayMs;

/** One picture of one event, as long as the event shows it. */
interface Linked {
  id: string;
  kind: PictureKind;
  sha256: string;
}

const links = new SignedLinks<[id: string, kind: PictureKind, sha256: string]>({
  purpose: "picture",
  schema: z.tuple([z.string(), z.enum(pictureKinds), z.string(), z.number()]),
  endedAdvice: "ask for another with link=1",
});

/**
 * A link to a picture that needs no key. Its path is of this API, and it ends with its event.
 *
 * @param validMs a day at most
 */
export function pictureLink(
  { id, kind, sha256 }: Linked,
  signing: Signing & { validMs?: number },
): { url: string; expires: string } {
  const { validMs = usualMs } = signing;
  const until = signing.clock() + Math.min(validMs, alertLinkMs);
  const link = links.sign([id, kind, sha256], until, signing);
  return { url: `/v1/pictures/${link}`, expires: new Date(until).toISOString() };
}

/** What a link opens. Throws 404 where it was not signed here, and 410 where it has ended. */
export function openPictureLink(link: string, signing: Signing): Linked {
  const [id, kind, sha256] = links.open(link, signing);
  return { id, kind, sha256 };
}
