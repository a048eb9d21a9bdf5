import { createHmac, timingSafeEqual } from "node:crypto";
import { GatepostError } from "@gatepost/ingest";
import { dayMs, minuteMs, pictureKinds } from "@gatepost/protocol";
import * as z from "zod";

/** ms for which a link is valid that a reader asks for. */
const usualMs = 5 * minuteMs;

/** ms for which a link in an alert is valid: no link is for longer. */
export const alertLinkMs = dayMs;

const macBytes = 16;

/** What a link opens: one picture of one event, as long as the event shows it. */
const linked = z.tuple([z.string(), z.enum(pictureKinds), z.string(), z.number()]);
type Linked = Record<"id" | "sha256", string> & { kind: (typeof pictureKinds)[number] };

/**
 * A link to a picture that needs no key. It is signed and not stored, its path is of this API, and it ends with its event.
 *
 * @param validMs a day at most
 */
export function pictureLink(
  { id, kind, sha256 }: Linked,
  { cursorSecret, clock, validMs = usualMs }: { cursorSecret: Buffer; clock(): number; validMs?: number },
): { url: string; expires: string } {
  const until = clock() + Math.min(validMs, alertLinkMs);
  const content = Buffer.from(JSON.stringify([id, kind, sha256, until] satisfies z.output<typeof linked>));
  const signed = Buffer.concat([macOf(content, cursorSecret), content]).toString("base64url");
  return { url: `/v1/pictures/${signed}`, expires: new Date(until).toISOString() };
}

/** What a link opens. Throws 404 where it was not signed here, and 410 where it has ended. */
export function openPictureLink(
  link: string,
  { cursorSecret, clock }: { cursorSecret: Buffer; clock(): number },
): Linked {
  const bytes = Buffer.from(link, "base64url");
  const [mac, content] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)];
  const isSigned = mac.length === macBytes && timingSafeEqual(mac, macOf(content, cursorSecret));
  if (!isSigned) throw new GatepostError("not-found", "this link was not made here");
  const [id, kind, sha256, until] = linked.parse(JSON.parse(content.toString()));
  if (until <= clock()) throw new GatepostError("gone", "this link has ended; ask for another with link=1");
  return { id, kind, sha256 };
}

/** It is made for pictures alone: what is signed as a cursor opens none. */
function macOf(content: Buffer, secret: Buffer): Buffer {
  return createHmac("sha256", secret).update("picture\0").update(content).digest().subarray(0, macBytes);
}
