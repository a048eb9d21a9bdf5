import { isDeepStrictEqual } from "node:util";
import { type Card, cardOf, cardSchema, inZone, type NotAgain, patternOf } from "@gatepost/core/cards";
import type { RuleListing } from "@gatepost/core/rules";
import * as z from "zod";
import type { ApiPorts } from "../ports.ts";

/** What a rule matches: a pattern, or a card that makes one. */
export const matching = { pattern: z.unknown().optional(), card: cardSchema.exactOptional() };

type Matching = z.output<z.ZodObject<typeof matching>>;

/** Whether there is a pattern or a card, and not both. */
export function isOneOfBoth({ pattern, card }: Matching): boolean {
  return (pattern === undefined) !== (card === undefined);
}

export const oneOfBoth = "give a pattern or a card, and not both";

/** A pattern, and the card that makes it; null if none does. */
export interface AskedPattern {
  pattern: unknown;
  card: Card | null;
  notAgain: NotAgain | null;
}

/** Reads what a rule must match. A card without a zone gets the zone of its site, else of the server. */
export async function askedPattern(
  { pattern, card: sentCard }: Matching,
  { sites }: Pick<ApiPorts, "sites">,
): Promise<AskedPattern> {
  if (sentCard === undefined) return { pattern, card: cardOf(pattern), notAgain: null };
  const { notAgain = null, ...sent } = sentCard;
  const site = sent.gates !== null && "site" in sent.gates ? sent.gates.site : "default";
  const { zone } = (await sites.get(site)) ?? sites.unset(site);
  const card = inZone(sent, zone);
  return { pattern: patternOf(card), card, notAgain };
}

/** The pattern to write: as it is stored, if it makes the same card. */
export function patternToWrite({ pattern, card }: AskedPattern, held: RuleListing | undefined): unknown {
  const isSame = card !== null && held !== undefined && isDeepStrictEqual(cardOf(held.pattern), card);
  return isSame ? held.pattern : pattern;
}
