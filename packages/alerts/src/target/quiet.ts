import { Zone, zoneFault } from "@gatepost/core/statistics";
import { dayMs, minuteMs } from "@gatepost/protocol";
import * as z from "zod";

const clockTime = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "must be a time as 22:00")
  .transform((text) => {
    const [hours = "", minutes = ""] = text.split(":");
    return (Number(hours) * 60 + Number(minutes)) * minuteMs;
  });

const zone = z.string().transform((name, { addIssue }) => {
  const fault = zoneFault(name);
  if (fault === null) return Zone.find(name) ?? Zone.utc;
  addIssue(fault);
  return z.NEVER;
});

/** Hours in which nobody is alerted, as ms since midnight on the clocks of a zone. They may go over midnight. */
export const quietSchema = z
  .strictObject({ from: clockTime, to: clockTime, zone })
  .refine(({ from, to }) => from !== to, "from and to must differ");

export type QuietHours = z.output<typeof quietSchema>;

/** When the quiet hours end that an instant is in (ms since 1970); null where it is in none. */
export function quietUntil({ from, to, zone }: QuietHours, now: number): number | null {
  if (!isQuiet({ from, to, zone }, now)) return null;
  const local = zone.localOf(now) % dayMs;
  const rest = (to - local + dayMs) % dayMs;
  // Where clocks are changed in these hours, the end by the clock is an hour earlier or later than by counting.
  const counted = now + rest;
  let until = counted + zone.offsetAt(now) - zone.offsetAt(counted);
  // Where no clock shows the end that day, because they are put forward over it, quiet hours end with the change.
  while (until <= now || isQuiet({ from, to, zone }, until)) until += minuteMs;
  return until;
}

function isQuiet({ from, to, zone }: QuietHours, now: number): boolean {
  const local = zone.localOf(now) % dayMs;
  return from < to ? local >= from && local < to : local >= from || local < to;
}
