import { createHmac, timingSafeEqual } from "node:crypto";
import { GatepostError } from "@gatepost/ingest";
import * as z from "zod";
import { alertLinkMs } from "../picture-link.ts";

const macBytes = 16;

/** What a link opens: the page that mutes the person of an event under one rule. */
const linked = z.tuple([z.string(), z.string(), z.number()]);

export interface Muting {
  rule: string;
  /** The id of an event of the person. */
  event: string;
}

interface Signing {
  cursorSecret: Buffer;
  clock(): number;
}

/** The path of a page that mutes somebody, for a day. It is signed and not stored, and needs no key. */
export function muteLink({ rule, event }: Muting, { cursorSecret, clock }: Signing): string {
  const content = Buffer.from(JSON.stringify([rule, event, clock() + alertLinkMs] satisfies z.output<typeof linked>));
  return `/v1/mutes/${Buffer.concat([macOf(content, cursorSecret), content]).toString("base64url")}`;
}

/** What a link opens. Throws 404 where it was not signed here, and 410 where it has ended. */
export function openMuteLink(link: string, { cursorSecret, clock }: Signing): Muting {
  const bytes = Buffer.from(link, "base64url");
  const [mac, content] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)];
  const isSigned = mac.length === macBytes && timingSafeEqual(mac, macOf(content, cursorSecret));
  if (!isSigned) throw new GatepostError("not-found", "this link was not made here");
  const [rule, event, until] = linked.parse(JSON.parse(content.toString()));
  if (until <= clock()) throw new GatepostError("gone", "this link has ended; use that of a newer alert");
  return { rule, event };
}

/** It is made for muting alone: what is signed as a cursor or for a picture mutes nobody. */
function macOf(content: Buffer, secret: Buffer): Buffer {
  return createHmac("sha256", secret).update("mute\0").update(content).digest().subarray(0, macBytes);
}
