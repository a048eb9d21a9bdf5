import * as z from "zod";
import { noBody } from "../body.ts";
import { exampleEvent } from "../openapi/examples.ts";
import { readers, route } from "../route.ts";
import { eventPath, noSuchEvent } from "./events.ts";

const markSeen = route({
  method: "PUT",
  path: "/v1/events/:id/seen",
  scopes: readers,
  about: {
    summary: "Note that a person has seen an event",
    detail:
      'The live feed tells others with `form` `event`: `{"seen":["evt_…"]}`. It is gone with the event, and neither part of ' +
      "it nor of the feed of changes. `GET /v1/events?with=seen` says which events of a page have been seen.",
    answer: { status: 204, is: "It is noted." },
    example: { path: { id: exampleEvent.id } },
  },
  asks: { path: eventPath, query: z.object({}), body: noBody },
  async answer({ path: { id } }, deps) {
    if (!(await deps.seen.mark(id))) throw noSuchEvent();
    return new Response(null, { status: 204 });
  },
});

export const seenRoutes = [markSeen];
