import { GatepostError } from "@gatepost/core/errors";
import { dayText, type LastDay } from "@gatepost/core/hours";
import { type Libraries, personKeyIn } from "@gatepost/core/sites";
import type { Zone } from "@gatepost/core/zones";
import { actorSchema, instant } from "@gatepost/protocol";
import * as z from "zod";
import { actingName } from "../access/actors.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";

const moments = z.iso.datetime();

const lastDay = namedObject("LastDay", {
  day: z.iso.date(),
  at: moments,
  by: actorSchema,
});

/** The last day of a person in an answer. */
export const leftOn = lastDay
  .nullable()
  .meta({ description: "The last day of work, and who set it; null if none is set. No later day is of work." });

/** Days from today on, up to which a last day may be. */
const daysAhead = 366;

/** The last day of each person, by `personKeyIn`: of a person whom boxes share, the newest that was set. */
export function newestLastDays(lastDays: readonly LastDay[], libraries: Libraries): Map<string, LastDay> {
  const inOrder = lastDays.toSorted((a, b) => a.madeAt - b.madeAt || (a.library < b.library ? 1 : -1));
  return new Map(inOrder.map((one) => [personKeyIn(libraries.of(one.library), one.key), one]));
}

/** Throws 400 for a last day that is before the first passing (ms), or too far ahead. */
export function requireLastDay(day: string, { first, now, zone }: { first: number; now: number; zone: Zone }): void {
  const [earliest, latest] = [dayText(zone.dayOf(first)), dayText(zone.dayOf(now) + daysAhead)];
  if (day < earliest) {
    throw new GatepostError(
      "bad-request",
      `leftOn: the first kept passing is on ${earliest}; give that day or a later one`,
    );
  }
  if (day > latest) throw new GatepostError("bad-request", `leftOn: must be ${latest} at the latest`);
}

export async function shownLastDay(
  { leftOn: day, madeAt, by }: LastDay,
  deps: Pick<ApiPorts, "accounts" | "keyAdmin">,
): Promise<z.input<typeof lastDay>> {
  return { day, at: instant(madeAt), by: await actingName(by, deps) };
}
