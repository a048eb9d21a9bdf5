import type { Event, EventFilter } from "@gatepost/client";
import { batch, signal } from "@preact/signals";
import { standsOut } from "../format/event.ts";
import { answeredOf, isGone, onErased } from "../state/erased.ts";
import { remember } from "../state/known-events.ts";
import { say } from "../state/notice.ts";
import { gatepost, session } from "../state/session.ts";
import { words } from "../words/index.ts";

/** Strangers and the blacklist that nobody has marked as seen: the blacklist first, then the newest. */
export const standing = signal<readonly Event[]>([]);

const most = 1000;
const name = "gatepost-seen";
/** Ids that were marked in this browser, the oldest first: a page that is loaded again does not show them again. */
let seen = new Set<string>(remembered());

export function noteStanding(arrived: readonly Event[]): void {
  const here = new Set(standing.value.map(({ id }) => id));
  const added = arrived.filter((event) => standsOut(event) && !seen.has(event.id) && !here.has(event.id));
  if (added.length === 0) return;
  standing.value = [...added.toReversed(), ...standing.value].sort(byUrgency).slice(0, most);
}

function byUrgency(a: Event, b: Event): number {
  const rank = (event: Event) => (event.person.type === "blacklist" ? 0 : 1);
  return rank(a) - rank(b) || b.timestamp - a.timestamp;
}

const dayMs = 24 * 60 * 60_000;
/** Of the last day, as many as the server gives at once. */
const mostAsked = 200;

/** A page of events, and the ids of those of them that somebody has marked as seen. */
export async function eventsAndSeen(
  filter: EventFilter & { limit: number },
): Promise<{ events: Event[]; seen: string[] }> {
  const page = await gatepost().ask("GET /v1/events", { query: { ...filter, with: "seen" } });
  return { events: page.events, seen: "seen" in page ? (page.seen ?? []) : [] };
}

/** Asks for those of the last day: some passed before this page was opened, and others have marked some meanwhile. */
export async function fillStanding(): Promise<void> {
  const from = new Date(Date.now() - dayMs).toISOString();
  const asked = session.value;
  const { events, seen } = await eventsAndSeen({ type: ["stranger", "blacklist"], from, limit: mostAsked });
  // Somebody else may have signed in.
  if (asked !== session.value) return;
  batch(() => {
    markSeen(seen);
    for (const event of events) remember(event);
    noteStanding(events.toReversed());
  });
}

/** Changes those that a later report has joined, where they are. */
export function refreshStanding(updated: readonly Event[]): void {
  const newer = new Map(updated.map((event) => [event.id, event]));
  if (standing.value.some(({ id }) => newer.has(id))) {
    standing.value = standing.value.map((event) => newer.get(event.id) ?? event);
  }
}

onErased((isErased) => {
  standing.value = standing.value.filter((event) => !isErased(event));
});

export function clearStanding(): void {
  standing.value = [];
}

/** Marks events as seen here: what somebody else has marked comes this way, too. */
export function markSeen(ids: readonly string[]): void {
  const marked = new Set(ids);
  seen = new Set([...seen, ...ids].slice(-most));
  standing.value = standing.value.filter(({ id }) => !marked.has(id));
  try {
    localStorage.setItem(name, JSON.stringify([...seen]));
  } catch {}
}

/** Marks events as seen and tells the server, which tells the others. Of one that was erased nobody need be told. */
export async function see(events: readonly Event[]): Promise<void> {
  const ids = events.map(({ id }) => id);
  markSeen(ids);
  const told = await Promise.allSettled(
    ids.map((id) => answeredOf(id, gatepost().ask("PUT /v1/events/{id}/seen", { path: { id } }))),
  );
  if (told.some((one) => one.status === "rejected" && !isGone(one.reason))) say(words.value.live.notShared);
}

function remembered(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string").slice(-most) : [];
  } catch {
    return [];
  }
}
