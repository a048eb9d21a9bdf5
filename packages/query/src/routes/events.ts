import { GatepostError } from "@gatepost/ingest";
import { merge, type StoredEvent } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { eventFilter } from "../filter.ts";
import { paging, readPage } from "../page.ts";
import type { ApiPorts, EventFilter, PageRequest } from "../ports.ts";
import { readers, route } from "../route.ts";

const listEvents = route({
  method: "GET",
  path: "/v1/events",
  scopes: readers,
  asks: { path: z.object({}), query: z.object({ ...eventFilter, ...paging }), body: noBody },
  async answer({ query }, on) {
    const list = (filter: EventFilter, page: PageRequest) => on.events.list(filter, page);
    const { items, next } = await readPage("events", query, list, on);
    return Response.json({ events: items.map(merge), next });
  },
});

const getEvent = route({
  method: "GET",
  path: "/v1/events/:id",
  scopes: readers,
  asks: { path: z.object({ id: z.string() }), query: z.object({}), body: noBody },
  async answer({ path }, on) {
    return Response.json(merge(await findEvent(path.id, on)));
  },
});

export const eventRoutes = [listEvents, getEvent];

export async function findEvent(id: string, { events }: ApiPorts): Promise<StoredEvent> {
  const event = await events.get(id);
  if (event === null) throw new GatepostError("not-found", "there is no such event, or it has expired");
  return event;
}
