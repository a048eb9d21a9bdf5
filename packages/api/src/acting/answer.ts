import type { ListedAction } from "@gatepost/core/actions";
import { GatepostError } from "@gatepost/core/errors";
import { readLibraries } from "@gatepost/core/sites";
import { actionSchema, approvalSchema, declineSchema, type FaceEvent } from "@gatepost/protocol";
import * as z from "zod";
import { byName, namedActions, namedChange, shownEvent, shownEvents } from "../access/actors.ts";
import type { Caller } from "../access/caller.ts";
import { eventsRead } from "../listeners.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { declinedBefore, declinedBeforeOf } from "./declined-before.ts";
import { matchOf } from "./matching.ts";

/** Parts of an action that an answer has only when they are asked for. */
export const extras = ["event", "deliveries"] as const;
type Extra = (typeof extras)[number];

const deliveryAnswer = namedObject("ActionDelivery", {
  id: z.string().meta({ description: "For `POST /v1/deliveries/{id}/send`." }),
  rule: z.string().nullable().meta({ description: "Null to a key that is limited to boxes." }),
  state: z.enum(["waiting", "delivered", "dead", "too-late", "held"]).meta({
    description:
      "`too-late`: the passing was longer ago than the rule allows (`maxAgeSeconds`), so no alert was sent. `held`: an alert that " +
      "was sent together with others, or not at all; `reason` is `storm`, `quiet`, `cooldown`, `muted`, `erased` or `test`.",
  }),
  tries: z.int(),
  status: z.int().exactOptional(),
  ms: z.int().exactOptional(),
  reason: z.string().exactOptional(),
  at: z.iso.datetime().meta({ description: "Time of the last try; before the first, of its arrival in the queue." }),
  nextAt: z.iso.datetime().exactOptional().meta({ description: "Time of the next try, while it waits." }),
});

/** The members that are added together with the event. */
const besidesEvent = {
  match: z
    .number()
    .nullable()
    .exactOptional()
    .meta({ description: "With the event: its score as a match of 100; null without a score." }),
  library: z.string().exactOptional().meta({
    description: "With the event: whose people the id is of: the box, or `~SITE` if the site shares its people.",
  }),
  registeredHref: z
    .string()
    .nullable()
    .exactOptional()
    .meta({ description: "With the event: the registered picture; null if there is none." }),
  declinedBefore: declinedBefore.exactOptional().meta({
    description:
      "With the event: the newest declined action of the same person, of the last 200 that were declined; null if there is none.",
  }),
};

const { reason, note, by, at } = declineSchema.shape;

/** An action, as the API answers with it. */
export const actionAnswer = namedObject("Action", {
  ...actionSchema.shape,
  eventId: z.string(),
  box: z.string(),
  told: z
    .boolean()
    .nullable()
    .meta({
      description:
        "Whether a rule of the bus took its announcement. False for an announced action of which no one is told: the first " +
        "rule that matches within 14 days gets it, marked late. Null on AWS: there a queue keeps each announcement for 14 days.",
    }),
  approval: z.nullable(z.object({ ...approvalSchema.shape, byName })).meta({
    description:
      "The last order, and its result at each box. `isAutomatic`: it was done without an approval. " +
      "A limited key sees only its own boxes.",
  }),
  decline: z
    .nullable(z.object({ reason, note, by, at, byName }))
    .meta({ description: "Who declined it, when, and why; null if it is not declined." }),
  history: z
    .array(namedChange)
    .meta({ description: "The changes of its state and the decisions about it: the first, and the last seven." }),
  event: shownEvent.exactOptional(),
  ...besidesEvent,
  deliveries: z.array(deliveryAnswer).nullable().exactOptional().meta({
    description: "The result of its announcement at each rule. Null on AWS, because the bus does not report it.",
  }),
});

/** Throws 404 if there is no such action, or the key may not see it. */
export async function findAction(id: string, { actionReader }: Pick<ApiPorts, "actionReader">): Promise<ListedAction> {
  const action = await actionReader.get(id);
  if (action === null) throw new GatepostError("not-found", "there is no such action");
  return action;
}

/** The actions with the extra parts that were asked for. An event that is gone by now is left out. */
export async function withExtras(
  actions: readonly ListedAction[],
  { wanted, caller }: { wanted: readonly Extra[]; caller: Caller },
  deps: ApiPorts,
) {
  const ids = actions.map(({ eventId }) => eventId);
  const found = wanted.includes("event") ? await deps.events.getAll(ids) : null;
  const shown = await eventsRead(await shownEvents([...(found?.values() ?? [])], deps), caller, deps);
  const events = new Map(shown.map((event) => [event.id, event]));
  const before = await declinedBeforeOf(actions, events, deps);
  const libraries = events.size === 0 ? null : await readLibraries({ sites: deps.sites, boxes: deps.boxes.reader });
  const deliveries = wanted.includes("deliveries") ? ((await deps.deliveries?.ofEvents(ids)) ?? null) : null;
  return (await namedActions(actions, deps)).map((action) => {
    const event = events.get(action.eventId);
    return {
      ...action,
      ...(event === undefined || libraries === null
        ? {}
        : { event, ...besides(event, libraries.of(action.box)), declinedBefore: before.get(action.id) ?? null }),
      ...(wanted.includes("deliveries") && { deliveries: deliveries && (deliveries.get(action.id) ?? []) }),
    };
  });
}

/** An action as it is now, without extra parts. Throws 404. */
export async function shownAction(id: string, deps: ApiPorts) {
  const [action] = await namedActions([await findAction(id, deps)], deps);
  if (action === undefined) throw new GatepostError("not-found", "there is no such action");
  return action;
}

function besides({ score, scoreScale, pictures }: FaceEvent, library: string) {
  return { match: matchOf(score, scoreScale), library, registeredHref: pictures.registered?.href ?? null };
}
