import * as z from "zod";
import { Zone } from "./statistics/zone.ts";

/** The parameter that names a time zone. */
export const zoneParameter = z
  .string()
  .max(64)
  .transform((name, context): Zone => {
    const zone = Zone.find(name);
    if (zone !== null) return zone;
    context.issues.push({ code: "custom", input: name, message: "must be a time zone as Asia/Shanghai" });
    return z.NEVER;
  });
