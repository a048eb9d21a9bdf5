import type { Event, EventFilter } from "@gatepost/client";
import { batch, signal } from "@preact/signals";
import { onErased, withoutErased } from "./erased.ts";
import { remember } from "./known-events.ts";
import { page } from "./route.ts";
import { Search } from "./search.ts";
import { gatepost, session } from "./session.ts";

/** The event that was opened last from the list; null if another page was opened since. */
export const opened = signal<string | null>(null);

let isFromList = false;

page.subscribe((name) => {
  if (name === "event") return;
  isFromList = name === "events";
  if (!isFromList) opened.value = null;
});

/** Notes the shown event, if it was opened from the list: its row gets the focus when the user returns. */
export function noteOpened(id: string): void {
  if (isFromList) opened.value = id;
}

/** Scrolls to a row, once it is painted, and gives it the focus. */
export function backTo(id: string | null): void {
  if (id === null) return;
  requestAnimationFrame(() => {
    const row = document.querySelector(`[data-event="${CSS.escape(id)}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.querySelector("a")?.focus({ preventScroll: true });
  });
}

/** The events of the list. */
export const eventSearch = new Search<EventFilter, Event>({}, async (query, signal) => {
  const { events, next } = await withoutErased(gatepost().ask("GET /v1/events", { query, signal }));
  signal.throwIfAborted();
  for (const event of events) remember(event);
  return { items: events, next };
});

/** How many there are in all; null while that is not known. */
export const total = signal<{ count: number; isExact: boolean } | null>(null);
/** Whether they are being counted. */
export const isCounting = signal(false);

session.subscribe(() => {
  total.value = null;
});

export function searchEvents(key: string, filter: EventFilter): void {
  total.value = null;
  void countAll(eventSearch.begin(key, filter));
}

/** A server that cannot count is no failure: then only loaded events are counted. */
async function countAll(signal: AbortSignal): Promise<void> {
  isCounting.value = true;
  const counted = await gatepost()
    .ask("GET /v1/events/count", { query: eventSearch.query.peek(), signal })
    .catch(() => null);
  if (signal.aborted) return;
  batch(() => {
    isCounting.value = false;
    total.value = counted;
  });
}

function takeOff(isErased: (event: Event) => boolean): void {
  const removed = eventSearch.remove(isErased);
  const all = total.value;
  if (all !== null) total.value = { ...all, count: all.count - removed };
}

onErased(takeOff, () => eventSearch.found.peek().items);
