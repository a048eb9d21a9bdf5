import * as z from "zod";
import { Zone } from "./statistics/zone.ts";
import { zoneFault } from "./statistics/zone-fault.ts";

/** The parameter that names a time zone. */
export const zoneParameter = z
  .string()
  .max(64)
  .transform((name, context): Zone => {
    const message = zoneFault(name);
    if (message === null) return Zone.find(name) ?? Zone.utc;
    context.issues.push({ code: "custom", input: name, message });
    return z.NEVER;
  });
