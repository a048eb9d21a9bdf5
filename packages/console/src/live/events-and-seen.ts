import type { Event, EventFilter } from "@gatepost/client";
import { withoutErased } from "../state/erased.ts";
import { gatepost } from "../state/session.ts";

interface Page {
  events: Event[];
  /** Ids of those that somebody has marked as seen. */
  seen: string[];
  next: string | null;
}

export async function eventsAndSeen(query: EventFilter & { limit: number; cursor?: string }): Promise<Page> {
  const page = await withoutErased(gatepost().ask("GET /v1/events", { query: { ...query, with: "seen" } }));
  return { events: page.events, seen: "seen" in page ? (page.seen ?? []) : [], next: page.next };
}
