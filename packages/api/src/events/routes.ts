import { GatepostError } from "@gatepost/core/errors";
import { type EventFilter, eventFilter, eventToErase } from "@gatepost/core/events";
import { listed, type PageRequest, valuesOf } from "@gatepost/core/lists";
import { isCheckBox, merge, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import { namedActions, shownEvent, shownEvents } from "../access/actors.ts";
import { administratorsAlone, guards, guardsAndSettlers } from "../access/who.ts";
import { dropExports } from "../jobs/drop-exports.ts";
import { eventsRead } from "../listeners.ts";
import { ofSite } from "../names.ts";
import { exampleCountFilter, exampleFilter, exampleIds } from "../openapi/examples.ts";
import { counted, jsonPage, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";
import { markerOf } from "../seen/acknowledgements.ts";
import { eventPage, feedAnswer, feedQuery, readFeed } from "./feed.ts";

/** Parts of a page that an answer has only when they are asked for. */
const besides = listed(["seen", "counts", "checks"])
  .meta({
    description:
      "`seen`: adds the ids of the page's events that a user has seen. In the feed of changes: `counts` adds the counts of a " +
      "console, `checks` the events of `gatepost check`.",
  })
  .exactOptional();

export const eventPath = z.object({ id: z.string().meta({ description: "`evt_…`" }) });

/** The ports of a route are of the site already. */
type SiteFilter = EventFilter & { site?: string };

const listEvents = route({
  method: "GET",
  path: "/v1/events",
  who: guards,
  about: {
    summary: "List events, newest first",
    detail:
      "An event must match all given filters; of a repeated filter, any value. A page may have fewer items than `limit`, even " +
      "none, and still a `next`. On AWS `device`, `type`, `action`, `flag` and `q` need `from` and `to`. With `order=received` this is " +
      "the feed of changes: every event in the order of its latest change, with `more` until the end is reached. Store `next` and " +
      "send it as `after`; an event or news may be listed more than once. Apply `news` after the `events` of its page.",
    answer: { status: 200, is: "One page.", schema: z.union([feedAnswer, eventPage]) },
    example: { query: exampleFilter },
  },
  asks: { query: z.object({ ...eventFilter, ...ofSite, ...paging, ...feedQuery, with: besides }) },
  async answer({ query: asked, caller, later }, deps) {
    if (asked.order === "received") return readFeed(asked, { caller, later }, deps);
    const { order: _, after, wait, with: wanted = [], ...query } = asked;
    if (after !== undefined) throw new GatepostError("bad-request", "after: it goes with order=received");
    if (wait !== undefined) throw new GatepostError("bad-request", "wait: it goes with order=received");
    const ofFeed = wanted.find((part) => part !== "seen");
    if (ofFeed !== undefined) throw new GatepostError("bad-request", `with=${ofFeed}: it goes with order=received`);
    requireRange(query, deps);
    const isShown = ({ box }: StoredEvent) => !isCheckBox(box) || valuesOf(query.box ?? []).includes(box);
    const list = async ({ site: _, ...filter }: SiteFilter, page: PageRequest) => {
      const { items, ...others } = await deps.events.list(filter, page);
      return { items: items.filter(isShown), ...others };
    };
    const { items, next } = await readPage("events", query, list, deps);
    const events = await eventsRead(await shownEvents(items, deps), caller, deps);
    const seen = events.filter(({ acknowledgement }) => acknowledgement !== null).map(({ id }) => id);
    return jsonPage({ events, next, ...(wanted.length > 0 && { seen }) });
  },
});

const getEvent = route({
  method: "GET",
  path: "/v1/events/:id",
  who: guardsAndSettlers,
  about: {
    summary: "Get one event",
    detail: "The event as in a list, with the history of each of its actions.",
    answer: { status: 200, is: "The event.", schema: shownEvent },
    example: { path: { id: exampleIds.event } },
  },
  asks: { path: eventPath },
  async answer({ path, caller }, deps) {
    const [event] = await eventsRead(await shownEvents([await findEvent(path.id, deps)], deps), caller, deps);
    if (event === undefined) throw noSuchEvent();
    if (event.actions.length === 0) return Response.json(event);
    const named = await namedActions(await deps.actionReader.ofEvent(event.id), deps);
    const histories = new Map(named.map(({ id, history }) => [id, history]));
    const actions = event.actions.map((action) => ({ ...action, history: histories.get(action.id) ?? [] }));
    return Response.json({ ...event, actions });
  },
});

const eraseEvent = route({
  method: "DELETE",
  path: "/v1/events/:id",
  who: administratorsAlone,
  about: {
    summary: "Erase one event permanently",
    detail: "Its records in quarantine go too, and its pictures except those that another event shows.",
    answer: { status: 204, is: "It is gone." },
    example: { path: { id: exampleIds.event } },
  },
  asks: { path: eventPath },
  dear: true,
  audits: { action: "event-erased", about: ({ path: { id } }, hidden) => ({ event: hidden(id) }) },
  async answer({ path: { id } }, deps) {
    const event = await eventToErase(id, deps);
    let isErased = false;
    try {
      isErased = await deps.eraser.eraseEvent(id);
    } finally {
      const boxes = event === null || event === "broken" ? null : [event.box];
      // If it fails half way, the event may be gone, and cannot be erased a second time.
      if (isErased || event !== null) await dropExports({ person: null, boxes }, deps);
    }
    if (!isErased) throw noSuchEvent();
    deps.log.info("event erased", { event: id });
    return new Response(null, { status: 204 });
  },
});

export const eventRoutes = [listEvents, getEvent, eraseEvent];

export async function findEvent(id: string, { events }: ApiPorts): Promise<StoredEvent> {
  const event = await events.get(id);
  if (event === null) throw noSuchEvent();
  return event;
}

export function noSuchEvent(): GatepostError {
  return new GatepostError("not-found", "there is no such event, or it has expired");
}

/** Throws 400 if a store answers a filter only with `from` and `to`, and these are missing. */
export function requireRange(filter: EventFilter, { rangeFor }: Pick<ApiPorts, "rangeFor">): void {
  const scanned = rangeFor.find((name) => name in filter);
  if (scanned === undefined || ("from" in filter && "to" in filter)) return;
  throw new GatepostError("bad-request", `${scanned}: give from and to as well; every event between them is looked at`);
}

/** Events that a count looks at, at most. */
const maxCounted = 10_000;

const countEvents = route({
  method: "GET",
  path: "/v1/events/count",
  who: guards,
  about: {
    summary: "Count the events of a filter",
    detail: `It looks at ${maxCounted} events at most; if there are more, \`isExact\` is false. The filters are the same as in the list.`,
    answer: { status: 200, is: "How many there are.", schema: counted },
    example: { query: exampleCountFilter },
  },
  asks: { query: z.object({ ...eventFilter, ...ofSite }) },
  async answer({ query: { site: _, ...query } }, deps) {
    requireRange(query, deps);
    return Response.json(await deps.events.count(query, maxCounted));
  },
});

const getNeighbours = route({
  method: "GET",
  path: "/v1/events/:id/neighbours",
  who: guards,
  about: {
    summary: "Find the events beside one in the list of a filter",
    detail: "Null means that there is none, or none near by if very few of many events match.",
    answer: {
      status: 200,
      is: "Their ids.",
      schema: z.object({ newer: z.string().nullable(), older: z.string().nullable() }),
    },
    example: { path: { id: exampleIds.event }, query: exampleCountFilter },
  },
  asks: { path: eventPath, query: z.object({ ...eventFilter, ...ofSite }) },
  async answer({ path, query: { site: _, ...query } }, deps) {
    requireRange(query, deps);
    const { id, timestamp } = merge(await findEvent(path.id, deps));
    return Response.json(await deps.events.neighbours({ id, timestamp }, query));
  },
});

/** Events that are looked for at once, at most: each is read whole. */
const maxHeld = 200;

const findMissing = route({
  method: "POST",
  path: "/v1/events/missing",
  who: guards,
  about: {
    summary: "Find the erased or expired events of a copy",
    detail:
      `Of up to ${maxHeld} ids that a program keeps, the ids without an event for this key: erased or expired. A feed does not ` +
      "report erasures to a client that was not connected, so a program with a copy asks this from time to time, and removes the " +
      "named ones.",
    answer: { status: 200, is: "The ids without an event.", schema: z.object({ missing: z.array(z.string()) }) },
    example: { body: { ids: [exampleIds.event, "evt_00000000000000000000000000"] } },
  },
  asks: {
    body: z.strictObject({
      ids: z.array(z.string().min(1).max(64)).max(maxHeld).meta({ description: "Ids of events, `evt_…`." }),
    }),
  },
  async answer({ body }, deps) {
    const ids = [...new Set(body.ids)];
    const found = await deps.events.getAll(ids);
    return Response.json({ missing: ids.filter((id) => !found.has(id)) });
  },
});

export const eventListRoutes = [countEvents, getNeighbours, findMissing];

const markSeen = route({
  method: "PUT",
  path: "/v1/events/:id/seen",
  who: guards,
  about: {
    summary: "Mark an event as seen",
    detail:
      "Readers of the feed of changes get the news `acknowledged`. The mark, with its time and its account or key, is the `acknowledgement` of " +
      "the event, without a reason, and is erased with it. `GET /v1/events?with=seen` lists the seen events of a page.",
    answer: { status: 204, is: "It is noted." },
    example: { path: { id: exampleIds.event } },
  },
  asks: { path: eventPath },
  async answer({ path: { id }, caller }, deps) {
    if ((await deps.seen.mark(id, markerOf(caller))) === null) throw noSuchEvent();
    return new Response(null, { status: 204 });
  },
});

export const seenRoutes = [markSeen];
