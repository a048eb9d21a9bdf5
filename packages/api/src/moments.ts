import { moment } from "@gatepost/core/events";
import { Zone, zoneFault } from "@gatepost/core/zones";
import * as z from "zod";

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

/**
 * The years for which counts may be asked. Outside them no clock of a box is believed, and time zones have no rules.
 */
const [firstYear, lastYear] = [2000, 2999];

const first = Date.UTC(firstYear, 0);
const last = Date.UTC(lastYear + 1, 0);

/** A parameter that is the time of a count. */
export function countedMoment(description: string) {
  return moment
    .refine((time) => time >= first && time < last, `must be a time from ${firstYear} to ${lastYear}`)
    .meta({ description });
}
