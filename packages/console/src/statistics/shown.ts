import type { Api } from "@gatepost/client";
import { day, monthOf, shortDay } from "../format/time.ts";
import { addressOf, type Query } from "../state/address.ts";
import { type Period, periods } from "../state/days.ts";
import { countedStretch, dayIn, type Stretch, stretchOf } from "./periods.ts";

type Asked = Api["GET /v1/stats"]["query"];

/** A period with a filter, and the past beside it. */
export interface Shown {
  period: Period;
  /** The day that the address names, or today; ms since 1970. */
  at: number;
  stretch: Stretch & { by: "hour" | "day" };
  /** The past that is beside it; null for none. */
  compare: "week" | "month" | null;
  /** Parameters of the address that filter. */
  filter: Query;
  /** The minute of the server's clock, ms since 1970. */
  now: number;
}

const filters = ["site", "box", "device"] as const;

/** Reads the address. A wrong period or day is taken as absent; the server refuses a wrong filter. */
export function shownIn(query: Query, now: number): Shown {
  const period = periods.find((name) => name === query["by"]?.[0]) ?? "day";
  const at = dayIn(query["at"]?.[0] ?? null, now);
  const isCompared = query["compare"]?.[0] !== undefined;
  const entries = filters.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]] as const]));
  return {
    period,
    at,
    now,
    stretch: stretchOf(period, at),
    compare: isCompared ? comparisonOf(period) : null,
    filter: Object.fromEntries(entries),
  };
}

export const comparisonOf = (period: Period): "week" | "month" => (period === "month" ? "month" : "week");

/** Whether the period has not ended. */
export const isGoingOn = ({ stretch, now }: Pick<Shown, "stretch" | "now">): boolean => stretch.to > now;

/** `Thu 19 Nov 2026`, `16 Nov – 22 Nov`, `November 2026` */
export function periodInWords({ period, stretch: { from, to } }: Shown): string {
  if (period === "day") return day(from);
  return period === "month" ? monthOf(from) : `${shortDay(from)} – ${shortDay(to - 1)}`;
}

const iso = (time: number) => new Date(time).toISOString();

/** The request for the shown period. */
export function askedOf({ stretch, filter, compare }: Shown): Asked {
  const { from, to } = countedStretch(stretch);
  const { site: [site] = [], box = [], device = [] } = filter;
  return {
    by: stretch.by,
    from: iso(from),
    to: iso(to),
    box,
    device,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(site === undefined ? {} : { site }),
    ...(compare === null ? {} : { compare }),
  };
}

/** The address of exactly the passings of a stretch. */
export function eventsOf({ filter }: Pick<Shown, "filter">, stretch: Stretch): string {
  const { from, to } = countedStretch(stretch);
  return addressOf("events", null, { ...filter, from: [iso(from)], to: [iso(to)] });
}
