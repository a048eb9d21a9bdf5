import { BrokenRow, type StoredEvent } from "@gatepost/protocol";
import { GatepostError } from "../errors/errors.ts";
import type { Page, PageRequest } from "../lists/page.ts";
import type { EventFilter } from "./filter.ts";
import type { News } from "./news.ts";

export interface EventReader {
  /**
   * Newest first, by the time of the event. A page has every event that existed when the first page was read, and none
   * twice.
   */
  list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>>;
  /**
   * The number of events that match a filter. Only the newest `max` are looked at; if there are more, it is not exact.
   */
  count(filter: EventFilter, max: number): Promise<{ count: number; isExact: boolean }>;
  /**
   * The ids of the events before and after an event in the list of a filter; the event need not be in the list. Null if
   * there is none, or none among the events that are looked at.
   *
   * @param timestamp of the event, ms
   */
  neighbours(
    event: { id: string; timestamp: number },
    filter: EventFilter,
  ): Promise<{ newer: string | null; older: string | null }>;
  /** Null if the event is unknown or expired. */
  get(id: string): Promise<StoredEvent | null>;
  /** The events among these that are known and have not expired, by their ids. */
  getAll(ids: readonly string[]): Promise<ReadonlyMap<string, StoredEvent>>;
}

/** An event in the feed of changes. Cursors are texts that sort in the order of the feed. */
export interface Change {
  event: StoredEvent;
  /** The cursor of the write that made the event. It never changes. */
  made: string;
  /** The cursor of the latest write that changed it: a report was added, or an action has another state. */
  changed: string;
  /** Reading after it gives every change that the feed gives after this one, and may give some earlier ones again. */
  cursor: string;
}

/** A page of the feed of changes. */
export interface ChangePage {
  items: Change[];
  /** The news between these events. Its facts are later than the items that they concern. */
  news: News[];
  next: string;
  isEnd: boolean;
}

export interface ChangeFeed {
  /**
   * Reads events, and news about them, in the order of their latest change, after the cursor `after`; null begins at the
   * beginning. It gives every event with a change that was durable before the read began, on a page up to the one with
   * `isEnd`; at the latest when the end is read a second time, because a store may lag. `next` of any page stays valid for
   * ever: reading from there later gives all changes since, and may give some earlier ones again. An expired event is
   * treated as missing. Throws GatepostError bad-request on an `after` that it did not make.
   *
   * @param limit of events and news together
   * @param maxBytes of the page as JSON; `maxPageBytes` if absent. A larger event is a page by itself
   */
  read(after: string | null, limit: number, maxBytes?: number): Promise<ChangePage>;
  /** The cursor of the end: reading after it gives every change that becomes durable from now on, and perhaps earlier ones. */
  end(): Promise<string>;
}

/** The message for a client if an event cannot be read. Null: it is another error. */
export function brokenEvent(error: unknown): GatepostError | null {
  if (!(error instanceof BrokenRow) || error.event === null) return null;
  const message = `the row of ${error.event} is broken, and keeps this from being answered: mend or erase it`;
  return new GatepostError("unavailable", message, { cause: error });
}

/**
 * Reads the facts of an event that an erasure needs. Null: there is none. "broken": its row cannot be read, so its box
 * and person are unknown; it can still be erased.
 */
export async function eventToErase(
  id: string,
  { events }: { events: Pick<EventReader, "get"> },
): Promise<StoredEvent | "broken" | null> {
  try {
    return await events.get(id);
  } catch (error) {
    if (error instanceof BrokenRow && error.event === id) return "broken";
    throw error;
  }
}
