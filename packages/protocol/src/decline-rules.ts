import { declinableStates } from "./action.ts";
import { mayBecome } from "./action-states.ts";
import type { Decline, DeclineDetails } from "./decline.ts";
import type { OrderedAction, Origin, Taken } from "./ordered-action.ts";

/**
 * Declines an action. To decline it again changes its reason and note; with the same ones it changes nothing. An action
 * that boxes are just carrying out is refused.
 */
export function declined(held: OrderedAction, { reason, note, person }: DeclineDetails, { by, at }: Origin): Taken {
  const before = held.decline?.before ?? stateBefore(held);
  if (held.approval?.isOpen === true) return refused("it is approved and under way; undo that first");
  if (before === null) return refused("it is withheld, or done already, so there is nothing to decline");
  if (held.decline?.reason === reason && held.decline.note === note) return { answer: { answer: "taken" }, next: null };
  const decline: Decline = { reason, note, person, by, at, before };
  const words = [reason, note].filter((text) => text !== null).join(": ") || null;
  return taken({
    state: "declined",
    reason,
    decline,
    at,
    approval: held.approval,
    change: { state: "declined", reason: words, by },
  });
}

/** Takes back that an action was declined: it is again as it was before, also in its place in the lists. */
export function reopened(held: OrderedAction, { by }: Origin): Taken {
  const { decline } = held;
  if (decline === null) return refused("it was not declined, so there is nothing to take back");
  const { state, reason, at } = decline.before;
  return taken({
    state,
    reason,
    decline: null,
    at,
    approval: held.approval,
    change: { state, reason: null, by, decision: "reopen" },
  });
}

function stateBefore({ state, reason, at }: OrderedAction): Decline["before"] | null {
  const found = declinableStates.find((one) => one === state);
  return found === undefined || !mayBecome(found, "declined") ? null : { state: found, reason, at };
}

const refused = (reason: string): Taken => ({ answer: { answer: "refused", reason }, next: null });
const taken = (next: Taken["next"]): Taken => ({ answer: { answer: "taken" }, next });
