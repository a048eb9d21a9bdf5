import type { ActionChange } from "./action-change-schema.ts";
import type { Approval, OrderAnswer } from "./approval.ts";
import type { Decline } from "./decline.ts";
import type { EventAction } from "./event.ts";

/** The part of a stored action that orders need. */
export interface OrderedAction extends Pick<EventAction, "state" | "reason" | "at"> {
  approval: Approval | null;
  decline: Decline | null;
}

/**
 * The result that a store writes: the action after the order, and the change for its history. `at` is the time of its
 * place in the lists.
 */
export interface OrderedChange extends OrderedAction {
  change: Pick<ActionChange, "state" | "decision"> & { reason: string | null; by: string };
}

/** Who ordered or reported (the id of a key), and when (an instant). */
export interface Origin {
  by: string;
  at: string;
}

/** The answer to an order, and the action to write; null if nothing changes. */
export type Taken = { answer: OrderAnswer; next: OrderedChange | null };
