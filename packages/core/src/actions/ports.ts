import type {
  ActionChange,
  ActionOrder,
  ActionState,
  Approval,
  BusEntry,
  Decline,
  EventAction,
  OrderAnswer,
  SettleAnswer,
  StoredEvent,
  WantAction,
} from "@gatepost/protocol";
import type { Page, PageRequest } from "../lists/page.ts";

export interface ActionBus {
  /**
   * Resolves once the bus has taken the entry and will deliver it. True if a rule takes it, so that someone is told: on
   * AWS always, because the queue of its action takes it.
   */
  put(entry: BusEntry): Promise<boolean>;
}

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
  /**
   * Marks a pending action as announced. Changes the state of no other.
   *
   * @param isTold whether a rule took the entry, which is noted of an action in any state; on AWS nothing is noted
   */
  markAnnounced(actionId: string, isTold: boolean): Promise<void>;
  /** Notes why a pending action is not to be announced. Changes nothing in any other state. */
  withhold(actionId: string, reason: string): Promise<void>;
  /**
   * Leases actions until `until` (ms) that are pending since `before` (ms) or longer and not leased. If several callers
   * ask at once, exactly one gets each action.
   */
  lease(pending: { before: number; until: number; limit: number }): Promise<EnqueuedAction[]>;
  /**
   * Stores what the subscriber answered. `unknown`: there is no such action. `refused`: it is withheld, or it is done
   * already and the answer says that it failed. The same answer twice changes nothing. A note is kept up to
   * `limits.noteCharacters`. For an action without an order; any other is settled by `order`.
   *
   * @param by the id of the subscriber's key, for the history; null or absent if it is unknown
   */
  settle(actionId: string, state: "done" | "failed", note: string | null, by?: string | null): Promise<SettleAnswer>;
}

/** The actions that wait for a rule. On AWS none does: they are in the queues of the bus. */
export interface UntoldActions {
  /**
   * Lists actions that no rule has taken, oldest first: those announced since `since` (ms), and pending ones, which may
   * be on their way to rules that are no longer used.
   */
  untold(asked: { since: number }, page: PageRequest): Promise<Page<EnqueuedAction>>;
}

/** Absent members do not filter. If a member has several values, any of them matches. */
export interface ActionFilter {
  states?: readonly ActionState[] | undefined;
  wants?: readonly WantAction[] | undefined;
  boxes?: readonly string[] | undefined;
  /** Only actions with an open order, which still must be done at one box at least. */
  isOrdered?: boolean | undefined;
  /** A runtime that does not know it ignores this. */
  isTold?: boolean | undefined;
}

export interface ListedAction extends EventAction {
  eventId: string;
  box: string;
  /** The last order; null if there was none. */
  approval: Approval | null;
  /** Null if it is not declined. */
  decline: Decline | null;
  /** Whether a rule of the bus took its announcement; null on AWS: a queue keeps it there for 14 days. */
  told: boolean | null;
  /** In the order of time. */
  history: ActionChange[];
}

/** Reads actions. The actions of an expired event are treated as missing. */
export interface ActionReader {
  /** Newest first, by their last change. A page may be short if many actions were passed over. */
  list(filter: ActionFilter, page: PageRequest): Promise<Page<ListedAction>>;
  /** Null if there is none. */
  get(actionId: string): Promise<ListedAction | null>;
  /** The event of an action; null if there is no such action. */
  eventOf(actionId: string): Promise<StoredEvent | null>;
  /** The actions of one event. */
  ofEvent(eventId: string): Promise<ListedAction[]>;
}

/** The decisions of persons about actions. It is not part of the outbox: the functions for boxes do without it. */
export interface ActionOrders {
  /**
   * Takes a person's decision about an action, or a report about it, by the rules of
   * `packages/protocol/src/order-rules.ts`. The action, its order and its history change together or not at all. If two
   * arrive at once, the second sees the result of the first.
   *
   * @param by the id of the key
   */
  order(actionId: string, order: ActionOrder, by: string): Promise<OrderAnswer>;
}
