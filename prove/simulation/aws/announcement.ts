import { parseActionId } from "@gatepost/protocol";
import * as z from "zod";
import type { TakenEntry } from "./bus-client.ts";
import type { Row } from "./expressions.ts";

const actionDetail = z.object({ idempotency_key: z.string() });
const eventDetail = z.object({ event: z.object({ id: z.string() }) });

/** An entry about an action that the bus took, and the state at that time. */
export interface Announcement extends TakenEntry {
  actionId: string;
  /** The state of the action in the table when the bus took the entry; null if its event was gone. */
  state: string | null;
  /** ms since it was in that state. */
  stateForMs: number;
}

/** An entry about an event that the bus took. */
export interface Recorded extends TakenEntry {
  eventId: string;
}

/** Null if the entry is about an action. */
export function recordedOf(entry: TakenEntry): Recorded | null {
  if (entry.detailType !== "Face Event Recorded") return null;
  return { ...entry, eventId: eventDetail.parse(JSON.parse(entry.detail)).event.id };
}

export function announcementOf(
  entry: TakenEntry,
  { row, changedAt }: { row(eventId: string): Row | undefined; changedAt(name: string): number },
): Announcement {
  const actionId = actionDetail.parse(JSON.parse(entry.detail)).idempotency_key;
  const action = parseActionId(actionId);
  if (action === null) throw new Error(`no action has the id ${actionId}`);
  const { eventId, wantAction } = action;
  const state = row(eventId)?.[`a_${wantAction}`]?.S?.split("#")[0] ?? null;
  return { ...entry, actionId, state, stateForMs: entry.at - changedAt(`${eventId} ${wantAction}`) };
}
