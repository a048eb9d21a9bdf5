import { createHmac, timingSafeEqual } from "node:crypto";
import { GatepostError } from "@gatepost/ingest";
import { minuteMs } from "@gatepost/protocol";
import * as z from "zod";
import type { ExportLink } from "./ports.ts";

/** ms for which the link to a result is valid. */
export const linkMs = 10 * minuteMs;

const macBytes = 16;

const linked = z.tuple([z.string(), z.number()]);

/** A link of this API to the result of a job. It needs no key, is signed and not stored. */
export function exportLink(id: string, { cursorSecret, clock }: { cursorSecret: Buffer; clock(): number }): ExportLink {
  const until = clock() + linkMs;
  const content = Buffer.from(JSON.stringify([id, until] satisfies z.output<typeof linked>));
  const signed = Buffer.concat([macOf(content, cursorSecret), content]).toString("base64url");
  return { url: `/v1/exports/${signed}`, expires: new Date(until).toISOString() };
}

/** The job whose result a link opens. Throws 404 where it was not signed here, and 410 where it has ended. */
export function openExportLink(
  link: string,
  { cursorSecret, clock }: { cursorSecret: Buffer; clock(): number },
): string {
  const bytes = Buffer.from(link, "base64url");
  const [mac, content] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)];
  const isSigned = mac.length === macBytes && timingSafeEqual(mac, macOf(content, cursorSecret));
  if (!isSigned) throw new GatepostError("not-found", "this link was not made here");
  const [id, until] = linked.parse(JSON.parse(content.toString()));
  if (until <= clock())
    throw new GatepostError("gone", "this link has ended; ask for the job again, which has another");
  return id;
}

/** It is made for exports alone: what is signed as a cursor, or for a picture, opens none. */
function macOf(content: Buffer, secret: Buffer): Buffer {
  return createHmac("sha256", secret).update("export\0").update(content).digest().subarray(0, macBytes);
}
