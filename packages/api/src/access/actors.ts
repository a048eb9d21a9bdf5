import type { ListedAction } from "@gatepost/core/actions";
import type { AuditActor, AuditRecord, ShownAuditRecord } from "@gatepost/core/audit";
import type { SeenMark } from "@gatepost/core/seen";
import {
  actionChangeSchema,
  actionSchema,
  type Decline,
  eventSchema,
  type FaceEvent,
  type StoredEvent,
} from "@gatepost/protocol";
import * as z from "zod";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";

type Ports = Pick<ApiPorts, "accounts" | "keyAdmin">;

export const byName = z
  .string()
  .nullable()
  .exactOptional()
  .meta({ description: "The name of the account `by`, or the note of the key." });

/** A change of an action, with the name of its account or key. */
export const namedChange = namedObject("ActionChange", { ...actionChangeSchema.shape, byName });

/** An event as readers get it. */
export const shownEvent = namedObject("Event", {
  ...eventSchema.shape,
  person: z.object({
    ...eventSchema.shape.person.shape,
    known: z.object({ name: z.string(), library: z.string() }).exactOptional().meta({
      description: "The name that People know, for who may read people.",
    }),
  }),
  actions: z.array(
    namedObject("EventAction", {
      ...actionSchema.shape,
      history: z
        .array(namedChange)
        .exactOptional()
        .meta({ description: "The changes of its state, in the answer of `GET /v1/events/{id}` alone." }),
    }),
  ),
});

/** Names the accounts and keys behind some ids: one read of each kind for all of a page. */
export async function actorsOf(
  ids: readonly string[],
  { accounts, keyAdmin }: Ports,
): Promise<(id: string) => AuditActor> {
  const [ofAccounts, ofKeys] = [ids.filter(isAccount), ids.filter((id) => !isAccount(id))];
  const [names, notes] = await Promise.all([
    ofAccounts.length === 0 ? new Map<string, string>() : accounts.names(ofAccounts),
    ofKeys.length === 0 ? new Map<string, string | null>() : keyAdmin.notes(ofKeys),
  ]);
  return (id) =>
    isAccount(id) ? { account: id, name: names.get(id) ?? null } : { key: id, note: notes.get(id) ?? null };
}

function isAccount(id: string): boolean {
  return id.startsWith("acc_");
}

/** Entries of the audit log as readers get them. */
export async function withActors(records: readonly AuditRecord[], deps: Ports): Promise<ShownAuditRecord[]> {
  const ids = records.map(({ by }) => by);
  const actorOf = await actorsOf(ids, deps);
  return records.map((record) => ({ ...record, by: actorOf(record.by) }));
}

/** Stored events as readers get them: with names and directions, and with the person who has seen each. */
export async function shownEvents(
  stored: readonly StoredEvent[],
  { boxes, seen, ...deps }: Ports & Pick<ApiPorts, "boxes" | "seen">,
): Promise<FaceEvent[]> {
  const ids = stored.map(({ id }) => id);
  const [events, marks] = await Promise.all([boxes.labels.show(stored), seen.among(ids)]);
  if (marks.size === 0) return events;
  const actorOf = await actorsOf(
    [...marks.values()].flatMap(({ by }) => by ?? []),
    deps,
  );
  return events.map((event) => {
    const mark = marks.get(event.id);
    return mark === undefined ? event : { ...event, acknowledgement: acknowledgementOf(event.id, mark, actorOf) };
  });
}

/** Stored events as exports have them: an acknowledgement has the name that its account or key had at that time. */
export async function exportedEvents(
  stored: readonly StoredEvent[],
  { boxes, seen }: Pick<ApiPorts, "boxes" | "seen">,
): Promise<FaceEvent[]> {
  const ids = stored.map(({ id }) => id);
  const [events, marks] = await Promise.all([boxes.labels.show(stored), seen.among(ids)]);
  return events.map((event) => {
    const mark = marks.get(event.id);
    if (mark === undefined) return event;
    const actorOf = (id: string): AuditActor =>
      isAccount(id) ? { account: id, name: mark.byName } : { key: id, note: mark.byName };
    return { ...event, acknowledgement: acknowledgementOf(event.id, mark, actorOf) };
  });
}

/** The acknowledgement of an event. It names no other events: a reader of this event may not see them. */
function acknowledgementOf(
  event: string,
  { at, by, reason, note, acknowledgement: id }: SeenMark,
  actorOf: (id: string) => AuditActor,
) {
  const who = by === null ? { account: null, name: null } : actingAs(actorOf(by));
  return { id, events: [event], reason, note, at: new Date(at).toISOString(), by: who };
}

/** An account with its name, or a key by its note alone. */
interface Acting {
  account: string | null;
  name: string | null;
}

/** Who acted, as answers and entries of the bus name it. */
export function actingAs(actor: AuditActor): Acting {
  return "account" in actor ? actor : { account: null, name: actor.note };
}

/** The same by an id. */
export async function actingName(id: string, deps: Ports): Promise<Acting> {
  return actingAs((await actorsOf([id], deps))(id));
}

/** The same, with the name that the account or key had when it acted. */
export function actingThen(id: string, name: string | null): Acting {
  return { account: isAccount(id) ? id : null, name };
}

/** Actions with the names of the accounts, and the notes of the keys, that decided about them. */
export async function namedActions(actions: readonly ListedAction[], deps: Ports) {
  const ids = actions.flatMap(({ history, approval, decline }) => [
    ...history.map(({ by }) => by),
    approval?.by,
    decline?.by,
  ]);
  const actorOf = await actorsOf(
    ids.filter((id) => id !== undefined),
    deps,
  );
  const nameOf = (id: string) => {
    const actor = actorOf(id);
    return "account" in actor ? actor.name : actor.note;
  };
  return actions.map(({ history, approval, decline, ...action }) => ({
    ...action,
    approval: approval && { ...approval, byName: nameOf(approval.by) },
    decline: decline && declineAs(decline, nameOf(decline.by)),
    history: history.map((change) => (change.by === undefined ? change : { ...change, byName: nameOf(change.by) })),
  }));
}

/** A decision to decline, as readers get it. */
function declineAs({ reason, note, by, at }: Decline, byName: string | null) {
  return { reason, note, by, byName, at };
}
