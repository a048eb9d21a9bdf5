import type { EventAction, SettleAnswer, StoredEvent } from "@gatepost/protocol";

/** An action and the event it is of. */
export interface EnqueuedAction {
  action: EventAction;
  event: StoredEvent;
}

/**
 * The states of actions. Which transitions there are, protocol/action-states.ts says. The action of an event that has
 * expired is treated as missing.
 */
export interface ActionOutbox {
  /** Notes that a pending action was announced. Changes nothing in any other state. */
  markAnnounced(actionId: string): Promise<void>;
  /** Notes why a pending action is not to be announced. Changes nothing in any other state. */
  withhold(actionId: string, reason: string): Promise<void>;
  /**
   * Takes actions that are pending since `before` (ms) or longer and that nobody holds, and holds them until `until`
   * (ms). Of any number of callers at once exactly one gets each.
   */
  lease(pending: { before: number; until: number; limit: number }): Promise<EnqueuedAction[]>;
  /**
   * What the subscriber made of it. `unknown`: no such action; `refused`: it is withheld, or done already and now said to
   * have failed. Saying the same twice changes nothing. A note is kept up to `limits.noteCharacters`.
   */
  settle(actionId: string, state: "done" | "failed", note: string | null): Promise<SettleAnswer>;
}
