import type { StoredEvent } from "@gatepost/protocol";

/** An event in the feed of changes. Cursors are texts that sort in the order of the feed. */
export interface Change {
  event: StoredEvent;
  /** The cursor of the write that made the event. It never changes. */
  made: string;
  /** The cursor of the latest write that changed it: a report was added, or an action has another state. */
  changed: string;
  /** Reading after it gives every change that the feed gives after this one, and may give some earlier ones again. */
  cursor: string;
  /** Whether the feed gives the event where it was made, too. Absent where it gives each event once. */
  isUpdate?: boolean;
}

export interface ChangeFeed {
  /**
   * Reads events in the order of their latest change, after the cursor `after`; null begins at the beginning. It gives
   * every event with a change that was durable before the read began, on a page up to the one with `isEnd`; at the
   * latest when the end is read a second time, because a store may lag. `next` of any page stays valid for ever:
   * reading from there later gives all changes since, and may give some earlier ones again. An expired event is treated
   * as missing. Throws GatepostError bad-request on an `after` that it did not make.
   *
   * @param maxBytes of the page as JSON; `maxPageBytes` if absent. A larger event is a page by itself
   */
  read(
    after: string | null,
    limit: number,
    maxBytes?: number,
  ): Promise<{ items: Change[]; next: string; isEnd: boolean }>;
  /** The cursor of the end: reading after it gives every change that becomes durable from now on, and perhaps earlier ones. */
  end(): Promise<string>;
  /** The cursor of the write that made an event, valid as `after`; null where the event is unknown or expired. */
  madeAt(eventId: string): Promise<string | null>;
}
