import type { RequestedAction } from "@gatepost/client";
import { recall, remember } from "../state/known-events.ts";
import { gatepost } from "../state/session.ts";

export const stateFilters = ["open", "withheld", "done", "all"] as const;
export type StateFilter = (typeof stateFilters)[number];

/** What fails comes first, then what nobody has answered, then what waits. */
const urgency = ["failed", "announced", "pending", "done", "withheld"];

const statesOf: Record<StateFilter | "settled", string | null> = {
  open: "failed,announced,pending",
  withheld: "withheld",
  done: "done",
  settled: "done,withheld",
  all: null,
};

const each = 50;

export interface ActionList {
  actions: RequestedAction[];
  next: string | null;
}

/** The actions in some states, with their events: open ones by urgency, others as they come. */
export async function listActions(
  filter: StateFilter | "settled",
  pages: number,
  signal: AbortSignal,
): Promise<ActionList> {
  const state = statesOf[filter];
  const query = { with: "event,deliveries", limit: each * pages, ...(state === null ? {} : { state }) };
  const { actions, next } = await gatepost().ask("GET /v1/actions", { query, signal });
  await Promise.all(actions.map((action) => complete(action, signal)));
  const isOpen = filter === "open";
  return { actions: isOpen ? actions.sort(byUrgency) : actions, next };
}

const byUrgency = (a: RequestedAction, b: RequestedAction) =>
  urgency.indexOf(a.state) - urgency.indexOf(b.state) || Date.parse(b.at) - Date.parse(a.at);

/** An event that did not come along is asked for; one that is erased meanwhile stays away. */
async function complete(action: RequestedAction, signal: AbortSignal): Promise<void> {
  const { event, eventId } = action;
  const path = { id: eventId };
  const found =
    event ??
    recall(eventId) ??
    (await gatepost()
      .ask("GET /v1/events/{id}", { path, signal })
      .catch(() => null));
  if (found === null) return;
  action.event = found;
  remember(found);
}
