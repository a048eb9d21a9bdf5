import type { SeenMarks } from "@gatepost/query";
import type { MemoryEvents } from "./events.ts";

/** Which events were seen, in memory. */
export class MemorySeen implements SeenMarks {
  readonly #events: MemoryEvents;
  /** The events that were seen, with where each was made in the feed: one that comes again is made anew. */
  readonly #seen = new Map<string, string>();

  constructor(events: MemoryEvents) {
    this.#events = events;
  }

  async mark(eventId: string): Promise<boolean> {
    const made = await this.#events.madeAt(eventId);
    if (made === null) return false;
    this.#seen.set(eventId, made);
    return true;
  }

  async among(eventIds: readonly string[]): Promise<ReadonlySet<string>> {
    const seen = new Set<string>();
    for (const id of eventIds) {
      const made = await this.#events.madeAt(id);
      if (made !== null && this.#seen.get(id) === made) seen.add(id);
    }
    return seen;
  }
}
