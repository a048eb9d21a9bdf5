import { GatepostError } from "@gatepost/ingest";
import { actionChangeSchema, actionSchema, eventSchema, isCheckBox, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { eventToErase } from "../broken-event.ts";
import { feedAnswer, feedQuery, readFeed } from "../feed.ts";
import { dropExports } from "../jobs/drop-exports.ts";
import { type EventFilter, eventFilter } from "../listing.ts";
import { exampleEvent, exampleEventWithHistory, exampleFilter } from "../openapi/examples.ts";
import { jsonPage, nextPage, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports/api-ports.ts";
import type { PageRequest } from "../ports/page.ts";
import { admins, readers, route } from "../route.ts";
import { listed, valuesOf } from "../several.ts";

/** Parts of a page that an answer has only when they are asked for. */
const besides = listed(["seen"])
  .meta({ description: "`seen`: with the ids of those events of the page that a person has seen." })
  .exactOptional();

const eventPage = z.object({
  events: z.array(eventSchema),
  next: nextPage,
  seen: z.array(z.string()).exactOptional(),
});

const eventWithHistory = z.object({
  ...eventSchema.shape,
  actions: z.array(z.object({ ...actionSchema.shape, history: z.array(actionChangeSchema) })),
});

export const eventPath = z.object({ id: z.string().meta({ description: "`evt_…`" }) });

const listEvents = route({
  method: "GET",
  path: "/v1/events",
  scopes: readers,
  about: {
    summary: "List events, newest first",
    detail:
      "All given filters must hold; of one that is given several times, any value. Where `from` is not before `to`, nothing is found, and nothing is refused. A page may come short of `limit`, even empty, with a `next`: then the store has looked " +
      "at as many events as it does for one page. On AWS `device`, `type`, `action`, `flag` and `q` need `from` and `to`. " +
      "With `order=received` this is the feed of changes: every event in the order of its latest change, updates included, " +
      "with `more` until the end is reached. Keep `next` and ask again from there as `after`, whenever you like; an event " +
      "may come more than once.",
    answer: {
      status: 200,
      is: "One page.",
      schema: z.union([eventPage, feedAnswer]),
      example: { events: [exampleEvent], next: null },
    },
    example: { query: exampleFilter },
  },
  asks: {
    path: z.object({}),
    query: z.object({ ...eventFilter, ...paging, ...feedQuery, with: besides }),
    body: noBody,
  },
  async answer({ query: asked }, deps) {
    if (asked.order === "received") return readFeed(asked, deps);
    const { order: _, after, with: wanted = [], ...query } = asked;
    if (after !== undefined) throw new GatepostError("bad-request", "after: it goes with order=received");
    requireRange(query, deps);
    const list = (filter: EventFilter, page: PageRequest) => deps.events.list(filter, page);
    const { items, next } = await readPage("events", query, list, deps);
    const shown = items.filter(({ box }) => !isCheckBox(box) || valuesOf(query.box ?? []).includes(box));
    const seen = wanted.length === 0 ? null : await deps.seen.among(shown.map(({ id }) => id));
    const events = await deps.boxes.directions.show(shown);
    return jsonPage({ events, next, ...(seen === null ? {} : { seen: [...seen] }) });
  },
});

const getEvent = route({
  method: "GET",
  path: "/v1/events/:id",
  scopes: readers,
  about: {
    summary: "Get one event",
    detail: "As in a list, and each of its actions with its history.",
    answer: { status: 200, is: "The event.", schema: eventWithHistory, example: exampleEventWithHistory },
    example: { path: { id: exampleEvent.id } },
  },
  asks: { path: eventPath, query: z.object({}), body: noBody },
  async answer({ path }, deps) {
    const [event] = await deps.boxes.directions.show([await findEvent(path.id, deps)]);
    if (event === undefined) throw noSuchEvent();
    if (event.actions.length === 0) return Response.json(event);
    const histories = new Map((await deps.actionReader.ofEvent(event.id)).map(({ id, history }) => [id, history]));
    const actions = event.actions.map((action) => ({ ...action, history: histories.get(action.id) ?? [] }));
    return Response.json({ ...event, actions });
  },
});

const eraseEvent = route({
  method: "DELETE",
  path: "/v1/events/:id",
  scopes: admins,
  about: {
    summary: "Erase one event for good",
    detail: "With what quarantine holds of it, and its pictures save those that another event shows.",
    answer: { status: 204, is: "It is gone." },
    example: { path: { id: exampleEvent.id } },
  },
  asks: { path: eventPath, query: z.object({}), body: noBody },
  audits: { action: "event-erased", about: ({ path: { id } }, hidden) => ({ event: hidden(id) }) },
  async answer({ path: { id } }, deps) {
    const event = await eventToErase(id, deps);
    let isErased = false;
    try {
      isErased = await deps.eraser.eraseEvent(id);
    } finally {
      const boxes = event === null || event === "broken" ? null : [event.box];
      // Where it fails half way, the event may be gone, and nobody can erase it once more.
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

/** Throws 400 where a store answers a filter only with `from` and `to`, and these are missing. */
export function requireRange(filter: EventFilter, { rangeFor }: Pick<ApiPorts, "rangeFor">): void {
  const scanned = rangeFor.find((name) => name in filter);
  if (scanned === undefined || ("from" in filter && "to" in filter)) return;
  throw new GatepostError("bad-request", `${scanned}: give from and to as well; every event between them is looked at`);
}
