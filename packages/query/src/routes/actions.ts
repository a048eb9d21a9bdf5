import { GatepostError, masked } from "@gatepost/ingest";
import {
  actionChangeSchema,
  actionNames,
  actionSchema,
  actionStates,
  eventSchema,
  isCheckBox,
  type WantAction,
} from "@gatepost/protocol";
import * as z from "zod";
import { noBody } from "../body.ts";
import { boxText } from "../listing.ts";
import { exampleAction, exampleListedAction } from "../openapi/examples.ts";
import { nextPage, paging, readPage } from "../page.ts";
import type { ActionFilter, ListedAction } from "../ports/actions.ts";
import type { ApiPorts } from "../ports.ts";
import { readers, route } from "../route.ts";
import { listed, several, valuesOf } from "../several.ts";

/** What may be had of each action besides. */
const extras = ["event", "deliveries"] as const;
type Extra = (typeof extras)[number];

const deliveryAnswer = z.object({
  id: z.string().meta({ description: "For `POST /v1/deliveries/{id}/send`." }),
  rule: z.string(),
  state: z.enum(["waiting", "delivered", "dead", "too-late"]).meta({
    description: "`too-late`: the passing was longer ago than the rule takes (`maxAgeSeconds`), so nobody got it.",
  }),
  tries: z.int(),
  status: z.int().exactOptional().meta({ description: "What the target answered last." }),
  ms: z.int().exactOptional().meta({ description: "How long the last try took." }),
  reason: z.string().exactOptional().meta({ description: "Why the last try failed." }),
  at: z.iso.datetime().meta({ description: "When it was tried last, or put." }),
  nextAt: z.iso.datetime().exactOptional().meta({ description: "When it is tried next; while it waits." }),
});

const actionAnswer = z.object({
  ...actionSchema.shape,
  eventId: z.string(),
  box: z.string(),
  history: z.array(actionChangeSchema).meta({ description: "Its states: the first, and the last seven." }),
  event: z.exactOptional(eventSchema),
  deliveries: z.array(deliveryAnswer).nullable().exactOptional().meta({
    description: "What became of its announcement at each rule. Null on AWS, where the bus does not tell.",
  }),
});

const listActions = route({
  method: "GET",
  path: "/v1/actions",
  scopes: readers,
  about: {
    summary: "List actions, newest first by their last change",
    answer: {
      status: 200,
      is: "One page of actions and the events they are of.",
      schema: z.object({ actions: z.array(actionAnswer), next: nextPage }),
      example: { actions: [exampleListedAction], next: null },
    },
    example: { query: { state: "pending,announced,failed", want: "1002", box: "gate-1", with: "event,deliveries" } },
  },
  asks: {
    path: z.object({}),
    query: z.object({
      state: listed(actionStates).meta({ description: "In any of these states." }).exactOptional(),
      want: several(z.enum(Object.keys(actionNames) as [WantAction, ...WantAction[]]))
        .meta({ description: "1001 or 1002." })
        .exactOptional(),
      box: several(boxText).meta({ description: "Of these boxes." }).exactOptional(),
      with: listed(extras).meta({ description: "What to have of each besides." }).exactOptional(),
      ...paging,
    }),
    body: noBody,
  },
  async answer({ query: { with: wanted = [], ...query } }, deps) {
    const { items, next } = await readPage(
      "actions",
      query,
      (asked, page) => deps.actionReader.list(filterOf(asked), page),
      deps,
    );
    return Response.json({
      actions: await shown(
        items.filter(({ box }) => !isCheckBox(box)),
        wanted,
        deps,
      ),
      next,
    });
  },
});

const actionPath = z.object({
  id: z.string().meta({ description: "`act_…`, the idempotency key of its announcement." }),
});

const getAction = route({
  method: "GET",
  path: "/v1/actions/:id",
  scopes: readers,
  about: {
    summary: "Get one action, with its event and what became of its announcement",
    answer: { status: 200, is: "The action.", schema: actionAnswer, example: exampleListedAction },
    example: { path: { id: exampleAction.id } },
  },
  asks: { path: actionPath, query: z.object({}), body: noBody },
  async answer({ path: { id } }, deps) {
    const [action] = await shown([await findAction(id, deps)], extras, deps);
    return Response.json(action);
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
      example: {
        ...exampleAction,
        state: "done",
        reason: "registered",
        history: [
          ...exampleAction.history,
          { state: "done", at: exampleAction.at, reason: "registered", by: "key_c4a8" },
        ],
      },
    },
    others: { 409: "It is withheld, or done already and so cannot have failed." },
    example: { path: { id: exampleAction.id }, body: { state: "done", note: "registered" } },
  },
  asks: {
    path: actionPath,
    query: z.object({}),
    body: z.strictObject({ state: z.enum(["done", "failed"]), note }),
  },
  async answer({ path: { id }, body, caller }, deps) {
    await findAction(id, deps);
    const said = body.note === null ? null : masked(body.note);
    const outcome = await deps.actions.settle(id, body.state, said, caller.key.id);
    if (outcome === "refused") {
      throw new GatepostError("conflict", "it is withheld, or done already and so cannot have failed");
    }
    return Response.json(await findAction(id, deps));
  },
});

export const actionRoutes = [listActions, getAction, settleAction];

async function findAction(id: string, { actionReader }: ApiPorts): Promise<ListedAction> {
  const action = await actionReader.get(id);
  if (action === null) throw new GatepostError("not-found", "there is no such action");
  return action;
}

type Asked = {
  state?: ActionFilter["states"];
  want?: WantAction | readonly WantAction[];
  box?: string | readonly string[];
};

function filterOf({ state, want, box }: Asked): ActionFilter {
  return {
    ...(state === undefined ? {} : { states: state }),
    ...(want === undefined ? {} : { wants: valuesOf(want) }),
    ...(box === undefined ? {} : { boxes: valuesOf(box) }),
  };
}

/** The actions with what was asked for besides. An event that went meanwhile is left out. */
async function shown(actions: readonly ListedAction[], wanted: readonly Extra[], deps: ApiPorts) {
  const ids = actions.map(({ eventId }) => eventId);
  const found = wanted.includes("event") ? await deps.events.getAll(ids) : null;
  const events = new Map(
    (await deps.boxes.directions.show([...(found?.values() ?? [])])).map((event) => [event.id, event]),
  );
  const deliveries = wanted.includes("deliveries") ? await deps.deliveries?.ofEvents(ids) : undefined;
  return actions.map((action) => {
    const event = events.get(action.eventId);
    return {
      ...action,
      ...(event === undefined ? {} : { event }),
      ...(wanted.includes("deliveries")
        ? { deliveries: deliveries === undefined ? null : (deliveries.get(action.id) ?? []) }
        : {}),
    };
  });
}
