import { hourMs } from "@gatepost/protocol";
import * as z from "zod";
import { alertLinkMs, SignedLinks, type Signing } from "../pictures/links.ts";
import { AlertRowNames, type AlertRows } from "./alert-rows.ts";

/** How long a person is muted, ms. */
const mutedMs = hourMs;

interface Deps {
  alertRows: Pick<AlertRows, "get" | "put">;
  cursorSecret: Buffer;
  clock(): number;
}

/**
 * Keeps a rule from alerting of a person for an hour from now. Durable when it resolves. Returns the end, ms since
 * 1970.
 */
export async function mute(rule: string, person: string, { alertRows, cursorSecret, clock }: Deps): Promise<number> {
  const until = clock() + mutedMs;
  const name = new AlertRowNames(cursorSecret).mute(rule, person);
  const held = (await alertRows.get([name])).get(name);
  // If this fails, another click was faster, and the hour began with that one.
  await alertRows.put(name, { until }, { version: held?.version ?? 0, keepMs: mutedMs });
  return until;
}

export interface Muting {
  rule: string;
  /** The id of an event of the person. */
  event: string;
}

const links = new SignedLinks<[rule: string, event: string]>({
  purpose: "mute",
  schema: z.tuple([z.string(), z.string(), z.number()]),
  endedAdvice: "use the link of a newer alert",
});

/** The path of the page that mutes the person of an event under one rule. It is valid for a day and needs no key. */
export function muteLink({ rule, event }: Muting, signing: Signing): string {
  return `/v1/mutes/${links.sign([rule, event], signing.clock() + alertLinkMs, signing)}`;
}

/** The facts of a link. Throws 404 if it was not signed here, and 410 if it has ended. */
export function openMuteLink(link: string, signing: Signing): Muting {
  const [rule, event] = links.open(link, signing);
  return { rule, event };
}
