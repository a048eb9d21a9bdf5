import type { Event, EventFilter } from "@gatepost/client";
import { minuteMs } from "../../format/durations.ts";
import { serverTime } from "../clock.ts";
import { withoutErased } from "../erased.ts";
import { gatepost } from "../session.ts";

interface Page {
  events: Event[];
  /** Ids of the events that a user has marked as seen. */
  seen: string[];
  next: string | null;
}

async function eventsAndSeen(
  query: EventFilter & { limit: number; cursor?: string },
  signal?: AbortSignal,
): Promise<Page> {
  const asked = gatepost().ask("GET /v1/events", {
    query: { ...query, with: "seen" },
    ...(signal === undefined ? {} : { signal }),
  });
  const page = await withoutErased(asked);
  return { events: page.events, seen: "seen" in page ? (page.seen ?? []) : [], next: page.next };
}

/**
 * The newest events in the order of their receipt, the last received first. Events in the future are requested
 * separately: a box whose clock is ahead would otherwise fill the page for hours.
 */
export async function newestReceived(
  query: EventFilter & { limit: number },
  signal?: AbortSignal,
): Promise<Omit<Page, "next">> {
  const soon = new Date(serverTime() + minuteMs).toISOString();
  const pages = await Promise.all([
    eventsAndSeen({ ...query, to: soon }, signal),
    eventsAndSeen({ ...query, from: soon }, signal),
  ]);
  const events = new Map(pages.flatMap((page) => page.events).map((event) => [event.id, event]));
  return {
    events: [...events.values()].sort(byReceipt).slice(0, query.limit),
    seen: [...new Set(pages.flatMap((page) => page.seen))],
  };
}

export function byReceipt(a: Event, b: Event): number {
  return a.receivedAt === b.receivedAt ? 0 : a.receivedAt < b.receivedAt ? 1 : -1;
}
