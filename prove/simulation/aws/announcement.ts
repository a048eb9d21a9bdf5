import { parseActionId } from "@gatepost/protocol";
import * as z from "zod";
import type { TakenEntry } from "./bus-client.ts";
import type { Row } from "./expressions.ts";

const detail = z.object({ idempotency_key: z.string() });

/** What the bus took, and how things stood then. */
export interface Announcement extends TakenEntry {
  actionId: string;
  /** The state of the action in the table when the bus took the entry; null where its event was gone. */
  state: string | null;
  /** ms since it was in that state. */
  stateForMs: number;
}

export function announcementOf(
  entry: TakenEntry,
  { row, changedAt }: { row(eventId: string): Row | undefined; changedAt(name: string): number },
): Announcement {
  const actionId = detail.parse(JSON.parse(entry.detail)).idempotency_key;
  const action = parseActionId(actionId);
  if (action === null) throw new Error(`no action has the id ${actionId}`);
  const { eventId, wantAction } = action;
  const state = row(eventId)?.[`a_${wantAction}`]?.S?.split("#")[0] ?? null;
  return { ...entry, actionId, state, stateForMs: entry.at - changedAt(`${eventId} ${wantAction}`) };
}
