import type {
  ActionChange,
  ActionOrder,
  ActionState,
  Approval,
  EventAction,
  OrderAnswer,
  StoredEvent,
  WantAction,
} from "@gatepost/protocol";
import type { Page, PageRequest } from "./page.ts";

/** What is absent does not filter. Of several values any will do. */
export interface ActionFilter {
  states?: readonly ActionState[];
  wants?: readonly WantAction[];
  boxes?: readonly string[];
  /** Only those of which an order is open: somebody still has to do it at one box at least. */
  isOrdered?: boolean;
}

export interface ListedAction extends EventAction {
  eventId: string;
  box: string;
  /** What was ordered last; null where nothing was. */
  approval: Approval | null;
  /** In the order of time. */
  history: ActionChange[];
}

/** Reads actions. The actions of an expired event are treated as missing. */
export interface ActionReader {
  /** Newest first, by their last change. A page may come short where many were passed over. */
  list(filter: ActionFilter, page: PageRequest): Promise<Page<ListedAction>>;
  /** Null where there is none. */
  get(actionId: string): Promise<ListedAction | null>;
  /** The event of an action; null where there is no such action. */
  eventOf(actionId: string): Promise<StoredEvent | null>;
  /** The actions of one event. */
  ofEvent(eventId: string): Promise<ListedAction[]>;
}

/** What persons decide about actions. It is no part of the outbox: the functions for boxes do without it. */
export interface ActionOrders {
  /**
   * Takes what a person decided about an action, or what was reported of that: `packages/protocol/src/order-rules.ts` says
   * what becomes of it. The action, its order and its history change together or not at all. Of two that come at once, the
   * second finds what the first made.
   *
   * @param by the id of the key
   */
  order(actionId: string, order: ActionOrder, by: string): Promise<OrderAnswer>;
}
