import { moment, momentForm } from "./listing.ts";

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
    .meta({ description: `${description} It is ${momentForm}` });
}
