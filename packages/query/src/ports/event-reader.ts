import type { StoredEvent } from "@gatepost/protocol";
import type { EventFilter } from "../listing.ts";
import type { Page, PageRequest } from "./page.ts";

export interface EventReader {
  /**
   * Newest first, by the time of the event. A page has every event that existed when the first page was read, and none
   * twice.
   */
  list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>>;
  /** How many events match a filter. At most `max` are looked at, the newest; where there are more, it is not exact. */
  count(filter: EventFilter, max: number): Promise<{ count: number; isExact: boolean }>;
  /**
   * The ids of the events that stand in the list of a filter on either side of an event, which need not be in it; null
   * where there is none, or none among those that are looked at.
   *
   * @param timestamp of the event, ms
   */
  neighbours(
    event: { id: string; timestamp: number },
    filter: EventFilter,
  ): Promise<{ newer: string | null; older: string | null }>;
  /** Null where the event is unknown or expired. */
  get(id: string): Promise<StoredEvent | null>;
  /** Those of the events that are known and have not expired, by their ids. */
  getAll(ids: readonly string[]): Promise<ReadonlyMap<string, StoredEvent>>;
}
