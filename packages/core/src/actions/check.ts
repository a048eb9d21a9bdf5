import { busSchemas, isCheckBox, parseActionId } from "@gatepost/protocol";
import type { EventReader } from "../events/reader.ts";
import type { ActionOutbox } from "./ports.ts";

/** The note with which Gatepost settles an action as its own subscriber. */
const heardNote = "heard on the bus";

interface Deps {
  events: Pick<EventReader, "get">;
  actions: Pick<ActionOutbox, "settle">;
}

/**
 * Takes an entry `Gatepost Test` from the bus, as its subscriber, and settles the action of the check as done. Every
 * program that may put entries on the bus can forge this one, so actions of other boxes are not changed. Throws if it
 * is no such entry.
 *
 * @param envelope as the bus delivers it
 */
export async function hearCheck(envelope: { detail?: unknown }, { events, actions }: Deps): Promise<void> {
  const { idempotency_key } = busSchemas["Gatepost Test"].parse(envelope.detail);
  const eventId = parseActionId(idempotency_key)?.eventId;
  const event = eventId === undefined ? null : await events.get(eventId);
  if (event === null || !isCheckBox(event.box)) return;
  await actions.settle(idempotency_key, "done", heardNote);
}
