import { masked } from "@gatepost/core/masking";
import * as z from "zod";

/** A name without control and invisible characters. Accents may be sent composed or decomposed. */
const visibleName = z
  .string()
  .trim()
  .normalize()
  .min(1, "must not be empty; leave it out, or give a name")
  .max(64)
  .regex(/^\P{C}*$/u, "must not have control or invisible characters");

/** The id of a site. */
export const siteText = visibleName;

/** The name of a site, a box or a device, as people see it. */
export const displayName = visibleName;

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
