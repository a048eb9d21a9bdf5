import type { Event } from "@gatepost/client";
import { computed, signal } from "@preact/signals";
import { askedFilter } from "../events/asked-filter.ts";
import { results } from "../events/results.ts";
import { recent } from "../live/arrivals.ts";
import { fetchPicture } from "../state/pictures.ts";
import { address, go, query } from "../state/route.ts";
import { gatepost } from "../state/session.ts";

/** The list that the opened event is in: what was searched last, else what came last. */
export const around = computed<readonly Event[]>(() => {
  const { id } = address.value;
  const isIn = (events: readonly Event[]) => events.some((event) => event.id === id);
  if (isIn(results.value.events)) return results.value.events;
  return isIn(recent.value) ? recent.value : [];
});

/** What the server says is beside an event that is in no list here. */
const asked = signal<{ id: string; newer: string | null; older: string | null } | null>(null);

export const beside = computed<{ newer: string | null; older: string | null }>(() => {
  const { id } = address.value;
  const at = around.value.findIndex((event) => event.id === id);
  if (at >= 0) return { newer: around.value[at - 1]?.id ?? null, older: around.value[at + 1]?.id ?? null };
  return asked.value?.id === id ? asked.value : { newer: null, older: null };
});

/** Asks for neighbours where no list has them. That a server cannot say leaves the buttons off. */
export async function askBeside(id: string): Promise<void> {
  if (around.peek().length > 0) return;
  const found = await gatepost()
    .ask("GET /v1/events/{id}/neighbours", { path: { id }, query: askedFilter(query.peek()) })
    .catch(() => null);
  if (found !== null) asked.value = { id, ...found };
}

export function step(to: "newer" | "older"): void {
  const id = beside.peek()[to];
  if (id !== null) go("event", id, query.peek());
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
