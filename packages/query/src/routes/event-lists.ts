import { merge } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { eventFilter } from "../listing.ts";
import { exampleCountFilter, exampleEvent } from "../openapi/examples.ts";
import { readers, route } from "../route.ts";
import { eventPath, findEvent, requireRange } from "./events.ts";

/** Events that a count looks at, at most. */
const maxCounted = 10_000;

const countEvents = route({
  method: "GET",
  path: "/v1/events/count",
  scopes: readers,
  about: {
    summary: "Count the events of a filter",
    detail: `It looks at ${maxCounted} events at most; where there are more, \`isExact\` is false. The filters are those of the list.`,
    answer: {
      status: 200,
      is: "How many there are.",
      schema: z.object({ count: z.int(), isExact: z.boolean() }),
      example: { count: 1, isExact: true },
    },
    example: { query: exampleCountFilter },
  },
  asks: { path: z.object({}), query: z.object(eventFilter), body: noBody },
  async answer({ query }, deps) {
    requireRange(query, deps);
    return Response.json(await deps.events.count(query, maxCounted));
  },
});

const getNeighbours = route({
  method: "GET",
  path: "/v1/events/:id/neighbours",
  scopes: readers,
  about: {
    summary: "Find the events beside one in the list of a filter",
    detail: "Null stands for none, or for none near by where very few of many events match.",
    answer: {
      status: 200,
      is: "Their ids.",
      schema: z.object({ newer: z.string().nullable(), older: z.string().nullable() }),
      example: { newer: null, older: null },
    },
    example: { path: { id: exampleEvent.id }, query: exampleCountFilter },
  },
  asks: { path: eventPath, query: z.object(eventFilter), body: noBody },
  async answer({ path, query }, deps) {
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
  scopes: readers,
  about: {
    summary: "Tell which events of a copy are gone",
    detail:
      `Of up to ${maxHeld} ids that a program holds, those that the key finds no event by: erased or expired. No feed tells ` +
      "of what was erased while nobody listened, so whoever keeps a copy asks this from time to time, and takes off what " +
      "is named.",
    answer: {
      status: 200,
      is: "The ids without an event.",
      schema: z.object({ missing: z.array(z.string()) }),
      example: { missing: ["evt_00000000000000000000000000"] },
    },
    example: { body: { ids: [exampleEvent.id, "evt_00000000000000000000000000"] } },
  },
  asks: {
    path: z.object({}),
    query: z.object({}),
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
