import type { Page, PageRequest } from "./page.ts";

/** An entry of the bus that its subscriber refused or did not take within a day, or whose rule is gone. */
export interface DeadLetter {
  id: string;
  /** Null for a key that is limited to boxes: the name of a rule may name other boxes and persons. */
  rule: string | null;
  /** The id of the entry: the idempotency key of its announcement. */
  entry: string;
  detailType: string;
  /** The id of the event; null where the entry is about a box. */
  event: string | null;
  tries: number;
  /** Why the last try failed. */
  reason: string;
  /** ISO instants: since when it was tried, and when it was given up. */
  since: string;
  at: string;
}

export interface DeadLetters {
  /** Newest first; only those of `rule`, where it is given. */
  list(rule: string | null, page: PageRequest): Promise<Page<DeadLetter>>;
  /** Puts one back into the queue of its rule. `refused`: there is no such rule now. */
  send(id: string): Promise<"sent" | "refused" | "unknown">;
  /** Puts back those of one rule, or all; those whose rule is gone stay. Returns how many were put back. */
  sendAll(rule: string | null): Promise<number>;
}
