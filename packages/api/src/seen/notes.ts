import { GatepostError } from "@gatepost/core/errors";
import { type EventNote, maxNotes } from "@gatepost/core/seen";
import { actorSchema, instant } from "@gatepost/protocol";
import * as z from "zod";
import { actingThen } from "../access/actors.ts";
import { guards, guardsAlone } from "../access/who.ts";
import { eventPath, noSuchEvent } from "../events/routes.ts";
import { actOf, idempotencyKey } from "../idempotency.ts";
import { writtenText } from "../names.ts";
import { exampleIds, exampleRepeatable } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import { route } from "../route.ts";
import { markerOf } from "./acknowledgements.ts";

const shownNote = namedObject("EventNote", {
  id: z.string().meta({ description: "`not_…`" }),
  text: z.string(),
  at: z.iso.datetime(),
  by: actorSchema,
});

const addNote = route({
  method: "POST",
  path: "/v1/events/:id/notes",
  who: guardsAlone,
  about: {
    summary: "Add a note to an event",
    detail: "It is signed by the caller, never changed, and removed with the event.",
    answer: { status: 201, is: "The note.", schema: shownNote },
    others: { 409: `The event has ${maxNotes} notes already.` },
    example: {
      path: { id: exampleIds.event },
      headers: exampleRepeatable,
      body: { text: "The driver had a pass after all." },
    },
  },
  asks: { path: eventPath, body: z.strictObject({ text: writtenText(1, 500) }) },
  audits: { action: "noted", about: ({ path: { id } }, hidden) => ({ event: hidden(id) }) },
  async refuses({ path: { id }, headers }, deps) {
    idempotencyKey(headers);
    if ((await deps.events.getAll([id])).size === 0) throw noSuchEvent();
  },
  async answer({ path: { id: event }, body: { text }, caller, headers }, deps) {
    const { id } = actOf("not_", [event, text], { caller, headers });
    const { id: by, name: byName } = markerOf(caller);
    const added = await deps.notes.add(event, { id, text, at: deps.clock(), by, byName });
    if (added === null) throw noSuchEvent();
    if (added === "full") {
      throw new GatepostError("conflict", `this event has ${maxNotes} notes already`, { code: "too-many" });
    }
    return Response.json(shown(added), { status: 201 });
  },
});

const listNotes = route({
  method: "GET",
  path: "/v1/events/:id/notes",
  who: guards,
  about: {
    summary: "List the notes about an event",
    answer: { status: 200, is: "The notes, the oldest first.", schema: z.object({ notes: z.array(shownNote) }) },
    example: { path: { id: exampleIds.event } },
  },
  asks: { path: eventPath },
  async answer({ path: { id } }, deps) {
    if ((await deps.events.getAll([id])).size === 0) throw noSuchEvent();
    return Response.json({ notes: (await deps.notes.list(id)).map(shown) });
  },
});

export const noteRoutes = [addNote, listNotes];

function shown({ id, text, at, by, byName }: EventNote) {
  return { id, text, at: instant(at), by: actingThen(by, byName) };
}
