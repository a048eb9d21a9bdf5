import type { Event } from "@gatepost/client";
import { effect, signal } from "@preact/signals";
import { isAlarm } from "./ringing.ts";
import { lastSeen } from "./standing.ts";

/** The newest passing, held long enough to be looked at. */
export const latest = signal<Event | null>(null);
/** Whether it is of a person on the blacklist who passed just now, and when it was shown: ms of `performance.now()`. */
export const alarmedAt = signal<number | null>(null);

const holdMs = 1500;
/** ms for which an alarm is shown, unless there is another one. */
export const alarmMs = 30_000;
let next: Event | null = null;
/** ms of `performance.now()`, which no user can set back. */
let shownAt = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | undefined;

const rankOf = ({ person }: Event) => (person.type === "blacklist" ? 2 : person.type === "stranger" ? 1 : 0);

/** While one event is held, the blacklist is shown before a stranger, and a stranger before others. */
export function noteLatest(event: Event): void {
  if (next === null || rankOf(event) >= rankOf(next)) next = event;
  proceed();
}

/** Shows the next one when it is time. */
function proceed(): void {
  clearTimeout(timer);
  const isHeld = alarmedAt.peek() !== null && (next === null || !isAlarm(next));
  const left = shownAt + (isHeld ? alarmMs : holdMs) - performance.now();
  if (left > 0) timer = setTimeout(proceed, left);
  else show();
}

function show(): void {
  alarmedAt.value = null;
  if (next === null) return;
  shownAt = performance.now();
  if (isAlarm(next)) {
    alarmedAt.value = shownAt;
    timer = setTimeout(proceed, alarmMs);
  }
  latest.value = next;
  next = null;
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
  if (latest.value === null || !isErased(latest.value)) return;
  latest.value = newest;
  alarmedAt.value = null;
}

export function clearLatest(): void {
  clearTimeout(timer);
  next = null;
  shownAt = Number.NEGATIVE_INFINITY;
  latest.value = null;
  alarmedAt.value = null;
}

// A user has acknowledged it: the next one has the place.
effect(() => {
  const { value: shown } = latest;
  if (shown === null || !lastSeen.value.includes(shown.id)) return;
  alarmedAt.value = null;
  proceed();
});
