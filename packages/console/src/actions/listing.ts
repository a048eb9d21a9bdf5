import type { RequestedAction } from "@gatepost/client";
import { recall, remember } from "../state/known-events.ts";
import { gatepost } from "../state/session.ts";
import { type ActionList, firstActions } from "./first-actions.ts";

export const stateFilters = ["open", "withheld", "done", "all"] as const;
export type StateFilter = (typeof stateFilters)[number];

/** The states of which each list has actions, in its order. What fails comes first, then what nobody has answered. */
const groupsOf: Record<StateFilter | "settled", readonly (string | null)[]> = {
  open: ["failed", "announced", "pending"],
  withheld: ["withheld"],
  done: ["done"],
  settled: ["done,withheld"],
  all: [null],
};

const each = 50;

/** The first pages of the actions in some states, with their events. */
export async function listActions(
  filter: StateFilter | "settled",
  pages: number,
  signal: AbortSignal,
): Promise<ActionList> {
  const list = await firstActions(groupsOf[filter], each * pages, (state, page) => {
    const query = { with: "event,deliveries", ...page, ...(state === null ? {} : { state }) };
    return gatepost().ask("GET /v1/actions", { query, signal });
  });
  await Promise.all(list.actions.map((action) => complete(action, signal)));
  return list;
}

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
