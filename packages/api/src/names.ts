import { masked } from "@gatepost/core/masking";
import * as z from "zod";

const fault = "must not have control or invisible characters";

/**
 * The form of a text that people see, and its fault. Between letters, marks or signs it may have U+200C or U+200D, which
 * are not seen themselves: Persian and emoji are written with them.
 */
export const visible = [/^(?:\P{C}|[\p{L}\p{M}\p{S}](?:[\u200c\u200d][\p{L}\p{M}\p{S}])+)*$/u, fault] as const;

const nameText = z.string().trim().normalize().min(1, "must not be empty; leave it out, or give a name");

/** A name of some characters. Accents may be sent composed or decomposed. */
export const visibleText = (most: number) => nameText.max(most).regex(...visible);

/** The id of a box, as the key has it by which it delivers. */
export const boxName = z
  .string()
  .normalize()
  .regex(
    /^[\p{L}\p{Nd}][\p{L}\p{Nd}._-]{0,63}$/u,
    "must be 1 to 64 letters, digits, dots, underscores or hyphens, the first a letter or digit",
  );

/** The id of a site. No two look alike by a character that is not seen. */
export const siteText = nameText.max(64).regex(/^\P{C}*$/u, fault);

/** The name of a site, a box or a device, as people see it. */
export const displayName = visibleText(64);

/** Sentences that a person writes, of some characters. A key in them is masked. */
export function writtenText(least: number, most: number) {
  return z
    .string()
    .trim()
    .min(least, least === 1 ? "must not be empty" : `must have ${least} characters`)
    .max(most, `may have ${most} characters`)
    .refine((text) => text.isWellFormed(), "must not have half a character")
    .transform(masked);
}

/** The parameter that limits an answer to a site. The ports of a route that takes it are of this site alone. */
export const ofSite = {
  site: siteText
    .meta({ description: "Of the boxes of this site; `default`: of the boxes without a site." })
    .exactOptional(),
};

/** The SHA-256 of a photo. */
export const photoText = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hex");
