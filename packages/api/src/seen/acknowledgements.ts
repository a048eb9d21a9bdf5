import { GatepostError } from "@gatepost/core/errors";
import { type Marker, reasons } from "@gatepost/core/seen";
import { acknowledgementSchema, eventAcknowledged, merge, type StoredEvent, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import type { Caller } from "../access/caller.ts";
import { guards } from "../access/who.ts";
import { actOf, idempotencyKey } from "../idempotency.ts";
import { writtenText } from "../names.ts";
import { exampleIds, exampleRepeatable } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const maxEvents = 200;
const maxNote = 500;

/** ms for which a guard may take back an own acknowledgement. */
const ownMs = 10 * secondMs;

/** Ids of events that an entry of the audit log names, as hashes. */
const maxNamed = 20;

const acknowledged = namedObject("NewAcknowledgement", {
  ...acknowledgementSchema.shape,
  kept: z.array(z.string()).meta({ description: "The events that keep an earlier acknowledgement." }),
});

const body = z.strictObject({
  events: z.array(z.string().min(1).max(64)).min(1).max(maxEvents).meta({ description: "Ids of events, `evt_…`." }),
  reason: z
    .enum(reasons)
    .nullable()
    .default(null)
    .meta({ description: "Accounts must give one for events of the blacklist." }),
  note: writtenText(1, maxNote).nullable().default(null),
});

const acknowledge = route({
  method: "POST",
  path: "/v1/acknowledgements",
  who: guards,
  about: {
    summary: "Acknowledge events that stand out",
    detail:
      "It is on each event as `acknowledgement`, in exports and on the bus (`Event Acknowledged`), and connections to the live " +
      'feed with `acknowledgements` get `{"acknowledged":{…}}`. An event keeps its first acknowledgement. A read key gives neither ' +
      "a reason nor a note.",
    answer: { status: 201, is: "The acknowledgement. `events` are those that it has marked.", schema: acknowledged },
    others: { 404: "One of the events does not exist, or has expired.", 409: "It needs a reason (`reason-needed`)." },
    example: { headers: exampleRepeatable, body: { events: [exampleIds.event] } },
  },
  asks: { body },
  audits: {
    action: "acknowledged",
    about: ({ body: { events, reason } }, hidden) => ({
      count: events.length,
      events: events.slice(0, maxNamed).map(hidden),
      reason,
    }),
    tells: z.object({ id: z.string() }).transform(({ id }) => ({ acknowledgement: id })),
  },
  async refuses({ body: { events, reason, note }, caller, headers }, deps) {
    idempotencyKey(headers);
    const isReadKey = caller.account === null && !caller.isAdministrator;
    if (isReadKey && !(reason === null && note === null)) {
      throw new GatepostError("forbidden", "reason, note: only a person who has signed in gives them; leave them out");
    }
    const found = [...(await findAll(events, deps)).values()];
    if (caller.account === null || reason !== null) return;
    if (found.some((stored) => merge(stored).person.type === "blacklist")) {
      throw new GatepostError("conflict", "reason: give one, because a person on the blacklist is among the events", {
        code: "reason-needed",
      });
    }
  },
  async answer({ body: { events: ids, reason, note }, caller, headers }, deps) {
    const events = await findAll(ids, deps);
    const { id } = actOf("ack_", [JSON.stringify([ids, reason, note])], { caller, headers });
    const by = markerOf(caller);
    const boxes = new Map([...events].map(([event, { box }]) => [event, box]));
    const { at, marked, kept } = await deps.acknowledgements.acknowledge({ id, events: boxes, by, reason, note });
    const made = {
      id,
      events: marked,
      reason,
      note,
      at: new Date(at).toISOString(),
      by: { account: caller.account?.id ?? null, name: by.name },
    };
    const newest = marked.flatMap((event) => events.get(event) ?? []).sort((a, b) => timeOf(b) - timeOf(a))[0];
    // Before the answer: a client that got none sends the request again.
    if (newest !== undefined) {
      const ordered = [newest.id, ...marked.filter((event) => event !== newest.id)];
      const newestEvent = deps.announcesEvents ? merge(newest) : null;
      await deps.bus.put(eventAcknowledged({ ...made, events: ordered }, newestEvent));
    }
    return Response.json({ ...made, kept }, { status: 201 });
  },
});

const takeBack = route({
  method: "DELETE",
  path: "/v1/acknowledgements/:id",
  who: guards,
  about: {
    summary: "Take back an acknowledgement",
    detail:
      "Its events stand out again. A guard or key takes back its own for 10 seconds, a manager any for 30 days; the audit log " +
      "keeps both.",
    answer: { status: 204, is: "It is taken back." },
    example: { path: { id: exampleIds.acknowledgement } },
  },
  asks: { path: z.object({ id: z.string().max(64).meta({ description: "`ack_…`" }) }) },
  audits: { action: "acknowledgement-taken-back", about: ({ path: { id } }) => ({ acknowledgement: nameOf(id) }) },
  async refuses({ path: { id }, caller }, deps) {
    const { by, at } = await findVisible(id, caller, deps);
    const isManager = caller.isAdministrator || caller.account?.role === "manager";
    const isOwn = caller.id === by && deps.clock() - at <= ownMs;
    if (!isManager && !isOwn) {
      throw new GatepostError(
        "forbidden",
        "only a manager can take this back, because it is not yours, or 10 seconds have passed",
      );
    }
  },
  async answer({ path: { id }, caller }, deps) {
    await deps.acknowledgements.takeBack(id, await findVisible(id, caller, deps));
    return new Response(null, { status: 204 });
  },
});

export const acknowledgementRoutes = [acknowledge, takeBack];

/** The caller as marks name it. */
export function markerOf({ id, account, key }: Caller): Marker {
  return { id, name: account?.name ?? key?.note ?? null };
}

/** Throws 404 unless the caller sees each of the events. */
async function findAll(ids: readonly string[], { events }: ApiPorts): Promise<ReadonlyMap<string, StoredEvent>> {
  const wanted = [...new Set(ids)];
  const found = await events.getAll(wanted);
  const missing = wanted.find((id) => !found.has(id));
  if (missing !== undefined) {
    throw new GatepostError(
      "not-found",
      `there is no event ${JSON.stringify(missing)}, or it has expired; nothing was changed`,
    );
  }
  return found;
}

/** Throws 404 unless the caller sees every box of the acknowledgement. */
async function findVisible(id: string, { boxes }: Caller, { acknowledgements }: ApiPorts) {
  const found = await acknowledgements.find(id);
  if (found === null || !found.boxes.every((box) => boxes?.includes(box) ?? true)) {
    throw new GatepostError("not-found", "there is no such acknowledgement, or it is older than 30 days");
  }
  return found;
}

function timeOf(stored: StoredEvent): number {
  return merge(stored).timestamp;
}

/** The id as it may be logged: the sent text may be anything. */
function nameOf(id: string): string {
  return /^ack_[0-9a-z]{1,40}$/.test(id) ? id : "no acknowledgement";
}
