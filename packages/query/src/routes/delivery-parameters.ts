import * as z from "zod";

/* What the routes of deliveries and of dead letters are asked with. */

/** The rule whose entries are meant; left out: every rule. */
export const ruleParameter = z.string().min(1).max(64).meta({ description: "Of one rule." }).exactOptional();

export const numberPath = z.object({
  id: z
    .string()
    .regex(/^\d{1,15}$/)
    .meta({ description: "Its number." }),
});
