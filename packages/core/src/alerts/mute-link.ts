import * as z from "zod";
import { alertLinkMs, SignedLinks, type Signing } from "../pictures/links.ts";

export interface Muting {
  rule: string;
  /** The id of an event of the person. */
  event: string;
}

const links = new SignedLinks<[rule: string, event: string]>({
  purpose: "mute",
  schema: z.tuple([z.string(), z.string(), z.number()]),
  endedAdvice: "use that of a newer alert",
});

/** The path of the page that mutes the person of an event under one rule. It is valid for a day and needs no key. */
export function muteLink({ rule, event }: Muting, signing: Signing): string {
  return `/v1/mutes/${links.sign([rule, event], signing.clock() + alertLinkMs, signing)}`;
}

/** What a link opens. Throws 404 where it was not signed here, and 410 where it has ended. */
export function openMuteLink(link: string, signing: Signing): Muting {
  const [rule, event] = links.open(link, signing);
  return { rule, event };
}
