import type { Page, PageRequest } from "../lists/page.ts";

/** An entry of the bus that its subscriber refused or did not take within a day, or whose rule is gone. */
export interface DeadLetter {
  id: string;
  /** Null for a key that is limited to boxes: the name of a rule may name other boxes and persons. */
  rule: string | null;
  /** The id of the entry: the idempotency key of its announcement. */
  entry: string;
  detailType: string;
  /** The id of the event; null if the entry is about a box. */
  event: string | null;
  tries: number;
  /** Why the last try failed. */
  reason: string;
  /** ISO instants: since when it was tried, and when it was given up. */
  since: string;
  at: string;
}

/** Why nothing can be sent to a rule now. `refused`: there is no such rule. `off`: it is off, so entries would only wait. */
export type RuleRefusal = "refused" | "off";

export interface DeadLetters {
  /** Newest first; only dead letters of `rule`, if it is given. */
  list(rule: string | null, page: PageRequest): Promise<Page<DeadLetter>>;
  /** Puts one back into the queue of its rule. */
  send(id: string): Promise<"sent" | RuleRefusal | "unknown">;
  /**
   * Puts back the dead letters of one rule, or all; those whose rule is gone or off stay. Returns the number of dead
   * letters put back.
   */
  sendAll(rule: string | null): Promise<number>;
}

/** An entry of the bus that waits to be delivered. */
export interface WaitingDelivery extends Omit<DeadLetter, "reason" | "at"> {
  /** Why the last try failed; null before the first. */
  lastAnswer: string | null;
  /** Whether its target refused it, so that the next ones pass it. */
  aside: boolean;
  /** ISO instant; null while it waits for earlier entries. */
  nextTry: string | null;
}

/** The outcome of one entry at one rule. */
export interface EntryDelivery {
  /** By which it is sent again. */
  id: string;
  /** Null for a key that is limited to boxes. */
  rule: string | null;
  /**
   * `too-late`: its passing was longer ago than the rule allows, so no one got it. `held`: it was sent together with
   * others, or not at all; `reason` says why.
   */
  state: "waiting" | "delivered" | "dead" | "too-late" | "held";
  /** How often it was tried. */
  tries: number;
  /** The status of the last answer, and ms until it arrived; absent if there was none. */
  status?: number;
  ms?: number;
  /** Why the last try failed. */
  reason?: string;
  /** ISO instants: of the last try, or when it was put; and of the next. */
  at: string;
  nextAt?: string;
}

export interface Deliveries {
  /** Rule by rule in the order of delivery, and then the entries that stepped aside; only of `rule`, if it is given. */
  list(rule: string | null, page: PageRequest): Promise<Page<WaitingDelivery>>;
  /** The outcomes of the entries of these events, by the id of the entry. */
  ofEvents(eventIds: readonly string[]): Promise<ReadonlyMap<string, EntryDelivery[]>>;
  /**
   * Has one that waits tried at once, one that was given up put back, and one that was delivered made again. `closed`: it
   * was delivered, and cannot be made again, or its action is not open any more.
   */
  send(id: string): Promise<"sent" | "closed" | RuleRefusal | "unknown">;
}
