import type { EventFilter } from "@gatepost/client";
import { dayMs } from "../format/durations.ts";
import { addressOf, type Query } from "./address.ts";
import { serverTime } from "./clock.ts";
import { me } from "./session.ts";

/** The parameters of the address that filter events, in the order in which they are shown. */
export const filterNames = [
  "q",
  "from",
  "to",
  "type",
  "site",
  "box",
  "device",
  "result",
  "action",
  "flag",
  "person",
] as const;
export type FilterName = (typeof filterNames)[number];

/** Characters of an id, and of the name of a box, that the API takes in an address. */
export const maxIdLength = 1024;
export const maxBoxNameLength = 256;

/** Days before today that a word in `from` or `to` means: an address with one is good tomorrow, too. */
const relative = new Map(Object.entries({ today: 0, yesterday: -1, week: -6, month: -29 }));

/**
 * The filter of an address, as the API takes it.
 *
 * @param rangeFor filters that the server answers only for a range of time; without one, the range is the last seven
 * days
 */
export function filterOf(query: Query, now: number, rangeFor: readonly string[] = []): EventFilter {
  const entries = filterNames.map((name) => {
    const [first] = query[name] ?? [];
    if (name === "q" || name === "site") return [name, first];
    return [name, name === "from" || name === "to" ? instantOf(first, now) : query[name]];
  });
  const filter: EventFilter = Object.fromEntries(
    entries.filter(([, value]) => value !== undefined && value.length > 0),
  );
  return rangeFor.some((name) => name in filter) ? { ...stretchUntil(filter.to, now), ...filter } : filter;
}

const weekMs = 7 * dayMs;

function stretchUntil(to: EventFilter["to"], now: number): { from: string; to: string } {
  const end = new Date(to ?? "").getTime() || now;
  const from = to === undefined ? instantOf("week", now) : undefined;
  return { from: from ?? new Date(end - weekMs).toISOString(), to: new Date(end).toISOString() };
}

/** Whether a filter of the address needs a stretch of time that the address does not give. */
export const lacksRange = (query: Query, rangeFor: readonly string[]): boolean =>
  query["from"] === undefined && query["to"] === undefined && rangeFor.some((name) => query[name] !== undefined);

const single = ["q", "from", "to", "site"] as const;

/** What an address gives several times of which only one value can be: the first of each, to be put in its place. */
export function onlyFirst(query: Query): Partial<Record<(typeof single)[number], string>> {
  const repeated = single.flatMap((name) => {
    const [first, second] = query[name] ?? [];
    return first === undefined || second === undefined ? [] : [[name, first] as const];
  });
  return Object.fromEntries(repeated);
}

/** Whether an address filters events. */
export const hasFilter = (query: Query): boolean => filterNames.some((name) => query[name] !== undefined);

/** Only the parameters that filter, as a text that is the same for the same filter. */
export function filterKey(query: Query): string {
  const kept = filterNames.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]] as const]));
  return addressOf("events", null, Object.fromEntries(kept));
}

export function instantOf(text: string | undefined, now: number): string | undefined {
  const days = text === undefined ? undefined : relative.get(text);
  if (days === undefined) return text;
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).toISOString();
}

/** Filters that this server answers only for a stretch of time. */
export const rangeFor = (): readonly string[] => me.value?.server.rangeFor ?? [];

/** The filter of an address, as this server is asked for it now. */
export const askedFilter = (query: Query): EventFilter => filterOf(query, serverTime(), rangeFor());
