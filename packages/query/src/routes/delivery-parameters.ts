import * as z from "zod";
import { ruleText } from "../listing.ts";

/* What the routes of deliveries and of dead letters are asked with. */

/** The rule whose entries are meant; left out: every rule. */
export const ruleParameter = ruleText.meta({ description: "Of one rule." }).exactOptional();

export const numberPath = z.object({
  id: z
    .string()
    .regex(/^\d{1,15}$/)
    .meta({ description: "Its number." }),
});
