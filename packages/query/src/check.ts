import type { ActionOutbox } from "@gatepost/ingest";
import { busSchemas, isCheckBox, parseActionId } from "@gatepost/protocol";
import type { EventReader } from "./ports/event-reader.ts";

/** What the answer of Gatepost itself says, where it is the subscriber. */
const heardNote = "heard on the bus";

interface Deps {
  events: Pick<EventReader, "get">;
  actions: Pick<ActionOutbox, "settle">;
}

/**
 * Takes an entry `Gatepost Test` from the bus, as its subscriber: the action of the check is done. Whoever may put
 * entries on the bus may forge one, so that nothing changes for an action of another box. Throws where the entry is none.
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
