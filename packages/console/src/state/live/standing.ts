import type { Event, News } from "@gatepost/client";
import { batch, signal } from "@preact/signals";
import { standsOut } from "../../format/event.ts";
import { onErased, withoutErased } from "../erased.ts";
import { attempt } from "../failure.ts";
import { recall, remember } from "../known-events.ts";
import { gatepost, session } from "../session.ts";
import { isMarked, mark, unmark } from "./marked.ts";

/** Strangers and the blacklist that no user has marked as seen: the blacklist first, then the newest. */
export const standing = signal<readonly Event[]>([]);
/** Whether the whole day has been looked through: until then their number is not known. */
export const isWhole = signal(false);
/** Whether there may be more of them than are held. */
export const isCut = signal(false);

const maxStanding = 1000;

export function noteStanding(arrived: readonly Event[]): void {
  const here = new Set(standing.value.map(({ id }) => id));
  const added = arrived.filter((event) => standsOut(event) && !isMarked(event.id) && !here.has(event.id));
  if (added.length === 0) return;
  for (const event of added) remember(event);
  const all = [...added.toReversed(), ...standing.value].sort(byUrgency);
  if (all.length > maxStanding) isCut.value = true;
  standing.value = all.slice(0, maxStanding);
}

function byUrgency(a: Event, b: Event): number {
  const rank = (event: Event) => (event.person.type === "blacklist" ? 0 : 1);
  return rank(a) - rank(b) || b.timestamp - a.timestamp;
}

/**
 * Asks who of the last day stands out: some passed before this page was opened, and others have marked some meanwhile.
 */
export async function fillStanding(): Promise<void> {
  const asked = session.value;
  const query = { with: "events" as const };
  const answer = gatepost().ask("GET /v1/standing", { query });
  const { events, seen = [], unseen, isWhole: isAll } = await withoutErased(answer.then(withEvents));
  // Another user may have signed in.
  if (asked !== session.value) return;
  batch(() => {
    noteEarlier({ events, seen });
    isCut.value = !isAll || unseen > events.length || standing.value.length === maxStanding;
    isWhole.value = true;
  });
}

function withEvents<Answer extends { events?: Event[] }>(answer: Answer): Answer & { events: Event[] } {
  return { ...answer, events: answer.events ?? [] };
}

/** Notes the persons who stand out on a page of events, newest first, of which some have been seen. */
export function noteEarlier({ events, seen }: { events: readonly Event[]; seen: readonly string[] }): void {
  batch(() => {
    takeSeen(seen);
    noteStanding(events.toReversed());
  });
}

/** Changes those that a later report has joined, where they are. */
export function refreshStanding(updated: readonly Event[]): void {
  const newer = new Map(updated.map((event) => [event.id, event]));
  if (standing.value.some(({ id }) => newer.has(id))) {
    standing.value = standing.value.map((event) => newer.get(event.id) ?? event).sort(byUrgency);
  }
}

onErased(
  (isErased) => {
    standing.value = standing.value.filter((event) => !isErased(event));
  },
  () => standing.peek(),
);

export function clearStanding(): void {
  standing.value = [];
  isCut.value = false;
  isWhole.value = false;
}

/** The events that were marked as seen last, here or by another user. */
export const lastSeen = signal<readonly string[]>([]);

/** Marks events as seen here, also events that another user has marked. */
export function markSeen(ids: readonly string[]): void {
  takeSeen(ids);
  if (isCut.peek() && standing.peek().length === 0) void attempt(fillStanding);
}

function takeSeen(ids: readonly string[]): void {
  lastSeen.value = ids;
  const marked = new Set(ids);
  mark(ids);
  standing.value = standing.value.filter(({ id }) => !marked.has(id));
}

/** Who marked events as seen, and by which acknowledgement, by the id of the event; only while this page listens. */
export const seenBy = signal<ReadonlyMap<string, { name: string | null; acknowledgement: string | null }>>(new Map());

/** Notes that a user has acknowledged events. */
export function noteAcknowledged({
  events,
  by: { name },
  acknowledgement,
}: Extract<News, { kind: "acknowledged" }>): void {
  const known = [...seenBy.value, ...events.map((id) => [id, { name, acknowledgement }] as const)];
  batch(() => {
    seenBy.value = new Map(known.slice(-maxStanding));
    markSeen(events);
  });
}

/** The event that got a note last, by this or another user. */
export const lastNoted = signal<{ event: string } | null>(null);

/** The events whose acknowledgement was taken back last, here or by another user. */
export const lastTakenBack = signal<readonly string[]>([]);

/** Lets events stand out again whose acknowledgement was taken back. */
export function standAgain(events: readonly Event[]): void {
  unmarkAll(events.map(({ id }) => id));
  noteStanding(events);
}

function unmarkAll(ids: readonly string[]): void {
  unmark(ids);
  lastSeen.value = lastSeen.value.filter((id) => !ids.includes(id));
  lastTakenBack.value = ids;
}

/** The same, of events that this page may not hold any more. One that was acknowledged again since is left out. */
export async function noteTakenBack(events: readonly string[], acknowledgement: string): Promise<void> {
  const ids = events.filter((id) => [acknowledgement, null].includes(seenBy.peek().get(id)?.acknowledgement ?? null));
  unmarkAll(ids);
  const held = ids.map((id) => recall(id));
  noteStanding(held.filter((event) => event !== null));
  if (held.includes(null)) await attempt(fillStanding);
}
