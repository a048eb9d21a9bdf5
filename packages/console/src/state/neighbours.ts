import type { Event } from "@gatepost/client";
import { computed, effect, signal } from "@preact/signals";
import { askedFilter, filterKey } from "./filter.ts";
import { recent } from "./live/arrivals.ts";
import { fetchPicture } from "./pictures.ts";
import { eventSearch } from "./results.ts";
import { address, goInstead, page, query } from "./route.ts";
import { gatepost } from "./session.ts";

/** The ids of the neighbours of an event; null if there is none, or none is known. */
export interface Beside {
  newer: string | null;
  older: string | null;
}

const none: Beside = { newer: null, older: null };

/**
 * The neighbours of an event: from its list, and at the ends of the list from the server.
 *
 * @param asked the server's last answer, and the id of its event
 */
export function neighboursOf(
  id: string,
  list: readonly { id: string }[],
  asked: (Beside & { id: string }) | null,
): Beside {
  const there = asked?.id === id ? asked : none;
  const at = list.findIndex((event) => event.id === id);
  if (at < 0) return { newer: there.newer, older: there.older };
  return { newer: list[at - 1]?.id ?? there.newer, older: list[at + 1]?.id ?? there.older };
}

/** Earlier events of the person of the opened one, newest first: `[` opens the next of them. */
export const earlier = signal<readonly Event[]>([]);

/** The event that a step reached beyond the edge of the list. From there the server finds the neighbours. */
const beyond = signal<string | null>(null);

// An event that is opened from a list again belongs to that list.
effect(() => {
  if (page.value !== "event") beyond.value = null;
});

/** The list of the opened event: the last search, else the latest events. */
export const around = computed<readonly Event[]>(() => {
  const { id } = address.value;
  if (id === beyond.value) return [];
  const isIn = (events: readonly Event[]) => events.some((event) => event.id === id);
  if (isIn(eventSearch.found.value.items)) return eventSearch.found.value.items;
  return isIn(recent.value) ? recent.value : [];
});

/** What the server says is beside an event that is in no list here, or at the edge of one. */
const asked = signal<(Beside & { id: string }) | null>(null);

export const beside = computed<Beside>(() => neighboursOf(address.value.id ?? "", around.value, asked.value));

/** The unknown neighbours of the opened event, as a key: another value is another question. */
export const unsaid = computed(() => {
  const { newer, older } = neighboursOf(address.value.id ?? "", around.value, null);
  return `${newer === null ? "newer" : ""} ${older === null ? "older" : ""}`;
});

/**
 * Asks the server for neighbours that no list has. Until the answer arrives, the buttons are off.
 *
 * @throws the client's errors: the caller retries the temporary ones
 */
export async function askBeside(id: string, signal: AbortSignal): Promise<void> {
  const list = around.peek();
  const { newer, older } = neighboursOf(id, list, null);
  if (newer !== null && older !== null) return;
  if (older === null && list === eventSearch.found.peek().items) eventSearch.more();
  // A search ends at its filter; the server's neighbours are among all events.
  if (list === eventSearch.found.peek().items && eventSearch.found.peek().key !== filterKey({})) return;
  const found = await gatepost().ask("GET /v1/events/{id}/neighbours", {
    path: { id },
    query: askedFilter(query.peek()),
    signal,
  });
  // Another event may have been opened meanwhile, whose neighbours are known already.
  if (address.peek().id === id) asked.value = { id, ...found };
}

/**
 * Opens the neighbour in place of the opened event: leaving it leads back to the page of the first one. Beyond the edge
 * of the list, the server's order applies from then on. Live lists a late report first although its passing is older,
 * so a step within that list would lead in a circle.
 */
export function step(to: "newer" | "older"): void {
  const id = beside.peek()[to];
  if (id === null) return;
  const listed = neighboursOf(address.peek().id ?? "", around.peek(), null)[to];
  beyond.value = id === listed ? null : id;
  goInstead("event", id, query.peek());
}

const ahead = 2;

/** Two on each side are loaded before they are looked at. */
export function fetchBeside(id: string): void {
  const events = around.peek();
  const at = events.findIndex((event) => event.id === id);
  if (at < 0) return;
  for (const event of events.slice(Math.max(0, at - ahead), at + ahead + 1)) {
    fetchPicture(event, "face");
    fetchPicture(event, "registered");
  }
}
