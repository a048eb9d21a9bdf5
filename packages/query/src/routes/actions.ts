import { GatepostError, masked } from "@gatepost/ingest";
import { actionSchema, actionStates, type EventAction, isCheckBox, parseActionId } from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { exampleAction } from "../openapi/examples.ts";
import { nextPage, paging, readPage } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { readers, route } from "../route.ts";

const actionAnswer = z.object({ ...actionSchema.shape, eventId: z.string(), box: z.string() });

const listActions = route({
  method: "GET",
  path: "/v1/actions",
  scopes: readers,
  about: {
    summary: "List actions, newest first",
    answer: {
      status: 200,
      is: "One page of actions and the events they are of.",
      schema: z.object({ actions: z.array(actionAnswer), next: nextPage }),
      example: { actions: [exampleAction], next: null },
    },
    example: { query: { state: "pending" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({ state: z.enum(actionStates).meta({ description: "In one state." }).exactOptional(), ...paging }),
    body: noBody,
  },
  async answer({ query }, deps) {
    const { items, next } = await readPage(
      "actions",
      query,
      ({ state }, page) => deps.events.actions(state ?? null, page),
      deps,
    );
    return Response.json({ actions: items.filter(({ box }) => !isCheckBox(box)), next });
  },
});

const maxNoteBytes = 1024;

const note = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= maxNoteBytes, `may have ${maxNoteBytes} bytes`)
  .nullable()
  .default(null);

/** The subscriber says what became of an action. */
const settleAction = route({
  method: "POST",
  path: "/v1/actions/:id",
  scopes: readers,
  about: {
    summary: "Say what became of an action",
    detail: "For its subscriber. Saying the same twice changes nothing; what failed may still be done.",
    answer: {
      status: 200,
      is: "The action as it now is.",
      schema: actionAnswer,
      example: { ...exampleAction, state: "done", reason: "registered" },
    },
    others: { 409: "It is withheld, or done already and so cannot have failed." },
    example: { path: { id: exampleAction.id }, body: { state: "done", note: "registered" } },
  },
  asks: {
    path: z.object({ id: z.string().meta({ description: "`act_…`, the idempotency key of its announcement." }) }),
    query: z.object({}),
    body: z.strictObject({ state: z.enum(["done", "failed"]), note }),
  },
  async answer({ path: { id }, body }, deps) {
    await findAction(id, deps);
    const outcome = await deps.actions.settle(id, body.state, body.note === null ? null : masked(body.note));
    if (outcome === "refused") {
      throw new GatepostError("conflict", "it is withheld, or done already and so cannot have failed");
    }
    return Response.json(await findAction(id, deps));
  },
});

export const actionRoutes = [listActions, settleAction];

async function findAction(id: string, { events }: ApiPorts): Promise<EventAction & { eventId: string; box: string }> {
  const eventId = parseActionId(id)?.eventId;
  const event = eventId === undefined ? null : await events.get(eventId);
  const action = event?.actions.find((one) => one.id === id);
  if (event === null || action === undefined) throw new GatepostError("not-found", "there is no such action");
  return { ...action, eventId: event.id, box: event.box };
}
