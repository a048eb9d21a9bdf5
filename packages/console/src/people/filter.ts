import type { Api } from "@gatepost/client";
import { dayMs } from "../format/durations.ts";
import type { Kind } from "../format/event.ts";
import { addressOf, type Query } from "../state/address.ts";
import { instantOf } from "../state/filter.ts";

type Asked = Api["GET /v1/people"]["query"];

/** The parameters of the address that filter people, in the order in which they are shown. */
export const filterNames = ["q", "site", "kind", "group", "seen", "match"] as const;
export type FilterName = (typeof filterNames)[number];

/** The kinds of registered people. */
export const kinds: readonly Kind[] = ["employee", "visitor", "vip", "blacklist", "unknown"];

/** The values of `seen` for people who passed lately, and for people who have not for so many days. */
export const lately = ["today", "week", "month"] as const;
export const awayDays = [7, 14, 30, 90] as const;
export const matches = [60, 80, 90] as const;

const orders = ["seen", "name", "match"] as const;
export type Order = (typeof orders)[number];

/** The days of `away-30`; null for another text. */
export function daysAway(seen: string | undefined): number | null {
  const days = /^away-(\d{1,4})$/.exec(seen ?? "")?.[1];
  return days === undefined ? null : Number(days);
}

export const orderOf = (query: Query): Order => orders.find((order) => order === query["order"]?.[0]) ?? "seen";

/** The filter of an address, as the API takes it. An unknown kind is left to the server, which refuses it. */
export function peopleFilterOf(query: Query, now: number): Asked {
  const [q, site, group, seen, match] = ["q", "site", "group", "seen", "match"].map((name) => query[name]?.[0]);
  const days = daysAway(seen);
  return {
    ...(q === undefined ? {} : { q }),
    ...(site === undefined ? {} : { site }),
    ...(group === undefined ? {} : { group }),
    ...(query["kind"] === undefined ? {} : { kind: query["kind"] as readonly Kind[] }),
    ...(seen === undefined || days !== null ? {} : { seenAfter: instantOf(seen, now) ?? seen }),
    ...(days === null ? {} : { seenBefore: new Date(now - days * dayMs).toISOString() }),
    ...(match === undefined ? {} : { scoreBelow: Number(match) }),
    order: orderOf(query),
  };
}

export const hasFilter = (query: Query): boolean => filterNames.some((name) => query[name] !== undefined);

/** A text that is the same for the same list. */
export function listKey(query: Query): string {
  const kept = filterNames.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]] as const]));
  return addressOf("people", null, { ...Object.fromEntries(kept), order: [orderOf(query)] });
}
