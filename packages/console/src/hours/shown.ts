import type { Query } from "../state/address.ts";
import {
  dayInWords,
  dayOf,
  monthInWords,
  type Period,
  periods,
  type Stretch,
  stretchInWords,
  stretchOf,
  weekNumber,
} from "../state/days.ts";
import { onlyNames, type SheetQuery } from "../state/hours/sheet.ts";
import { zonedDay } from "../state/hours/zoned.ts";
import type { Site } from "../state/sites.ts";
import { hoursWords } from "../words/hours.ts";

/** A period of a site, as the address names it. */
export interface Shown {
  period: Period;
  /** The day that the address names, or today. */
  at: string;
  /** Today, by the clocks of the site. */
  today: string;
  stretch: Stretch;
  site: Site;
  asked: SheetQuery;
}

/**
 * Reads the address. A wrong period, day or choice is taken as absent.
 *
 * @param now ms since 1970, by the server's clock
 * @param usual the period if the address names none
 */
export function shownIn(query: Query, { site, now, usual }: { site: Site; now: number; usual: Period }): Shown {
  const period = periods.find((name) => name === query["by"]?.[0]) ?? usual;
  const today = zonedDay(now, site.zone);
  const at = dayOf(query["at"]?.[0] ?? null, today);
  const stretch = stretchOf(period, at);
  const only = onlyNames.filter((name) => query["only"]?.includes(name));
  return {
    period,
    at,
    today,
    stretch,
    site,
    asked: { site: site.id, ...stretch, group: query["group"]?.[0] ?? null, only },
  };
}

/** The period as its head names it. */
export function periodInWords({ period, stretch }: Pick<Shown, "period" | "stretch">): string {
  if (period === "day") return dayInWords(stretch.from);
  if (period === "month") return monthInWords(stretch.from);
  return hoursWords.value.weekOf(weekNumber(stretch.from), stretchInWords(stretch));
}
