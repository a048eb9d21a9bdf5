import { GatepostError } from "@gatepost/core/errors";
import { dayNumber, dayStates } from "@gatepost/core/hours";
import * as z from "zod";
import { namedWords } from "../openapi/named.ts";

/** How a day is counted. */
export const dayState = namedWords("DayState", dayStates);

/** The most days of an answer. */
const maxDays = 366;

/** A day of a site. */
export const date = z.iso
  .date()
  .refine((text) => text >= "2000-01-01" && text < "3000-01-01", "must be from 2000 to 2999");

/** The parameters of a range of days. */
export const dayRange = {
  from: date.meta({ description: "The first day, as `2026-11-16`." }),
  to: date.meta({ description: "The last day; at most 366 in all." }),
};

/** Throws 400 for a range that is reversed or too long. */
export function requireDays({ from, to }: { from: string; to: string }): void {
  const days = dayNumber(to) - dayNumber(from) + 1;
  if (days < 1) throw new GatepostError("bad-request", "from: must not be after to");
  if (days > maxDays) throw new GatepostError("bad-request", `from: ask for at most ${maxDays} days`);
}

/** The days by which people are chosen. */
export const only = ["late", "absent", "open", "corrected"] as const;
export type OnlyDay = (typeof only)[number];
