import type { Json, JsonObject } from "@gatepost/protocol";
import * as z from "zod";
import type { EventKey } from "../spool/request.ts";
import type { BoxApi } from "./box-api.ts";
import { BoxError } from "./box-error.ts";
import { storedEventKey } from "./event-key.ts";
import type { Family } from "./family.ts";

/** A stored event of a box. It has only the names of its pictures. */
export interface Stored extends EventKey {
  event: JsonObject;
}

/** A span of time on the clock of the box, in ms; both ends are included. */
export interface Span {
  from: number;
  to: number;
}

export function isWithin({ from, to }: Span): (key: EventKey) => boolean {
  return ({ at }) => at >= from && at <= to;
}

const perPage = 50;
/**
 * ms that are read before and after a span: the box's own times are not whole ms, and no passing may fall between two
 * spans.
 */
const margin = 1000;
/** Most pages and characters that are read for one span: a box may give pages without end, and all are in memory. */
const maxPages = 10_000;
const maxCharacters = 100_000_000;
/** Most pages that are read of a span that may be too long. */
const fewPages = 20;

const event = z.record(z.string(), z.json());
/** The paging of an answer: a box may give fewer events on each page than it is asked for. */
const said = z.int().positive().max(perPage).catch(perPage);
const pageV5 = z.object({
  data: z.array(event),
  pagination: z.object({ per_page: said }).catch({ per_page: perPage }),
});
const pageV6 = z.object({
  events: z.array(event),
  pagination: z.object({ page_limit: said }).catch({ page_limit: perPage }),
});

/**
 * Reads all events of a span, and shortly before and after it, from the memory of a box; each once. Throws BoxError if
 * there are more than fit into memory.
 */
export async function fetchHistory(api: BoxApi, family: Family, span: Span, signal: AbortSignal): Promise<Stored[]> {
  const { stored, isWhole } = await readPages({ api, family, span, most: maxPages }, signal);
  if (isWhole) return stored;
  throw new BoxError(`the box gives events without end, ${stored.length} for one span`);
}

/** The same, but null if there are more than fit into memory. */
export function fetchIfFits(api: BoxApi, family: Family, span: Span, signal: AbortSignal): Promise<Stored[] | null> {
  return readUpTo({ api, family, span, most: maxPages }, signal);
}

/** The same for at most a thousand events; null if there may be more. */
export function fetchFew(api: BoxApi, family: Family, span: Span, signal: AbortSignal): Promise<Stored[] | null> {
  return readUpTo({ api, family, span, most: fewPages }, signal);
}

async function readUpTo(reading: Reading, signal: AbortSignal): Promise<Stored[] | null> {
  const { stored, isWhole } = await readPages(reading, signal);
  return isWhole ? stored : null;
}

interface Reading {
  api: BoxApi;
  family: Family;
  span: Span;
  /** Most pages that are read. */
  most: number;
}

interface Page {
  events: JsonObject[];
  /** How many a page has that is not the last one. */
  size: number;
}

async function readPages({ api, family, span, most }: Reading, signal: AbortSignal) {
  const found = new Map<Json, Stored>();
  let isWhole = false;
  let characters = 0;
  for (let page = 0; page < most && characters <= maxCharacters && !isWhole; page++) {
    const { events, size } = await (family.name === "V6" ? readV6 : readV5)(api, span, page, signal);
    const known = found.size;
    for (const event of events) {
      characters += JSON.stringify(event).length;
      const key = storedEventKey(event);
      if (key !== null) found.set(event["_id"] ?? event["event_id"] ?? JSON.stringify(event), { ...key, event: event });
    }
    // A page without a new event is the last one, even if the box names more pages.
    isWhole = events.length < size || found.size === known;
  }
  return { stored: [...found.values()].sort((a, b) => a.at - b.at), isWhole };
}

/** V2R6 and V5R5 to V5R7, which take seconds: SYS5.5/12. docs/formats.md §4.4. */
async function readV5(api: BoxApi, { from, to }: Span, page: number, signal: AbortSignal): Promise<Page> {
  const query = new URLSearchParams({
    per_page: String(perPage),
    page: String(page),
    datetime_gte: String((from - margin) / 1000),
    datetime_lte: String((to + margin) / 1000),
  });
  const { data, pagination } = await api.ask({ path: `/SophonFace/api/events?${query}`, answer: pageV5 }, signal);
  return { events: data, size: pagination.per_page };
}

/** V6, which takes ms: SYS5.5-V6/12. docs/formats.md §4.4. */
async function readV6(api: BoxApi, { from, to }: Span, page: number, signal: AbortSignal): Promise<Page> {
  const body = {
    filters: { datetime_gte: from - margin, datetime_lte: to + margin },
    page_limit: perPage,
    page_index: page,
  };
  const question = { method: "POST", path: "/sophon/v2/face/getevents", body, answer: pageV6 } as const;
  const { events, pagination } = await api.ask(question, signal);
  return { events, size: pagination.page_limit };
}
