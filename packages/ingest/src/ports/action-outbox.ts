import type { EventAction, SettleAnswer, StoredEvent } from "@gatepost/protocol";

/** An action, and the event that it belongs to. */
export interface EnqueuedAction {
  action: EventAction;
  event: StoredEvent;
}

/**
 * The states of actions. `packages/protocol/src/action-states.ts` says which state may follow which. The action of an
 * expired event is treated as missing. Every change is noted in the action's history, durable with the change itself.
 */
export interface ActionOutbox {
  /** Marks a pending action as announced. Changes nothing in any other state. */
  markAnnounced(actionId: string): Promise<void>;
  /** Notes why a pending action is not to be announced. Changes nothing in any other state. */
  withhold(actionId: string, reason: string): Promise<void>;
  /**
   * Leases actions until `until` (ms) that are pending since `before` (ms) or longer and that nobody has leased. Of any
   * number of callers at once exactly one gets each action.
   */
  lease(pending: { before: number; until: number; limit: number }): Promise<EnqueuedAction[]>;
  /**
   * Stores what the subscriber answered. `unknown`: there is no such action. `refused`: it is withheld, or it is done
   * already and the answer says that it failed. The same answer twice changes nothing. A note is kept up to
   * `limits.noteCharacters`. For an action of which nothing was ordered; any other is settled by `order`.
   *
   * @param by the id of the subscriber's key, for the history; null or absent where it is not known
   */
  settle(actionId: string, state: "done" | "failed", note: string | null, by?: string | null): Promise<SettleAnswer>;
}
