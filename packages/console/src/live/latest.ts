import type { Event } from "@gatepost/client";
import { signal } from "@preact/signals";

/** The newest passing, held long enough to be looked at. */
export const latest = signal<Event | null>(null);

const holdMs = 1500;
let next: Event | null = null;
/** ms of `performance.now()`, which no user can set back. */
let shownAt = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | undefined;

const rankOf = ({ person }: Event) => (person.type === "blacklist" ? 2 : person.type === "stranger" ? 1 : 0);

/** While one event is held, the blacklist is shown before a stranger, and a stranger before others. */
export function noteLatest(event: Event): void {
  if (next === null || rankOf(event) >= rankOf(next)) next = event;
  const left = shownAt + holdMs - performance.now();
  if (left <= 0) show();
  else timer ??= setTimeout(show, left);
}

function show(): void {
  clearTimeout(timer);
  timer = undefined;
  if (next === null) return;
  latest.value = next;
  next = null;
  shownAt = performance.now();
}

/** A later report may have joined the one that is shown, or that is next, as the one that brings its face. */
export function refreshLatest(updated: readonly Event[]): void {
  const newerOf = (event: Event | null) => updated.findLast(({ id }) => id === event?.id) ?? event;
  next = newerOf(next);
  latest.value = newerOf(latest.value);
}

/** Shows the newest that is left in place of one that was erased. */
export function forgetLatest(isErased: (event: Event) => boolean, newest: Event | null): void {
  if (next !== null && isErased(next)) next = null;
  if (latest.value !== null && isErased(latest.value)) latest.value = newest;
}

export function clearLatest(): void {
  clearTimeout(timer);
  timer = undefined;
  next = null;
  shownAt = Number.NEGATIVE_INFINITY;
  latest.value = null;
}
