import type { Event } from "@gatepost/client";
import { batch, signal } from "@preact/signals";
import { onErased } from "../erased.ts";
import { type Failure, failureOf } from "../failure.ts";
import { forgetAll, recall, remember } from "../known-events.ts";
import { session } from "../session.ts";
import { alertOf } from "./alerts.ts";
import { byReceipt, newestReceived } from "./events-and-seen.ts";
import { clearLatest, forgetLatest, noteLatest, refreshLatest } from "./latest.ts";
import { clearRinging } from "./ringing.ts";
import { clearStanding, noteEarlier, noteStanding, refreshStanding } from "./standing.ts";

/** Events that are kept for the list, and how many of the unseen ones are shown after all. */
const maxEvents = 500;
const maxUnseen = 200;
const atFirst = 60;
const retryMs = 5000;

/** The newest events in the order of their receipt, the last received first. */
export const recent = signal<readonly Event[]>([]);
/** Whether the first events have come, or why not. */
export const beginning = signal<
  { is: "loading" } | { is: "there" } | { is: "failed"; failure: Failure; retryAt: number }
>({
  is: "loading",
});
export const isPaused = signal(false);
/** Passings since it was paused. */
export const sincePaused = signal(0);
/** Passings that are not shown because too many arrived while the list was paused or the page was hidden. */
export const unshown = { paused: signal(0), hidden: signal(0) };

type Arrival = { event: Event; isUpdate: boolean };
type Listener = (arrived: readonly Event[], updated: readonly Event[]) => void;

let waiting: Arrival[] = [];
let frame = 0;
const listeners = new Set<Listener>();

/** Tells of each painting's new events, oldest first, and of those that changed. Gives the function that ends it. */
export function onArrivals(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Takes one event of the feed. All that come within one frame are painted together. */
export function arrive(event: Event, about: { isUpdate: boolean; isCatchUp: boolean }): void {
  // The list of the newest events may have brought it before the feed does.
  const isUpdate = about.isUpdate || recent.peek().some(({ id }) => id === event.id);
  const before = waiting.findLast((one) => one.event.id === event.id)?.event ?? recall(event.id);
  const isNews = !isUpdate || isOfOtherType(event, before);
  if (isNews && !isPaused.value) alertOf(event, about);
  waiting.push({ event, isUpdate });
  if (isPaused.value && !isUpdate) sincePaused.value++;
  if (waiting.length > maxUnseen && (isPaused.value || document.hidden)) passOver();
  schedule();
}

/**
 * Releases the oldest waiting events. Persons who stand out are held all the same, and a changed event keeps its place.
 */
function passOver(): void {
  const oldest = waiting.shift();
  if (oldest === undefined) return;
  if (oldest.isUpdate) {
    show([], [oldest.event]);
  } else {
    noteStanding([oldest.event]);
    unshown[isPaused.value ? "paused" : "hidden"].value++;
  }
}

function schedule(): void {
  if (frame === 0 && !isPaused.value && !document.hidden) frame = requestAnimationFrame(paint);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) unshown.hidden.value = 0;
  schedule();
});

export function pause(isWanted: boolean): void {
  isPaused.value = isWanted;
  if (isWanted) unshown.paused.value = 0;
  sincePaused.value = 0;
  schedule();
}

function paint(): void {
  frame = 0;
  const taken = waiting;
  waiting = [];
  const known = new Set(recent.value.map(({ id }) => id));
  const arrived = new Map<string, Event>();
  const updated: Event[] = [];
  for (const { event, isUpdate } of taken) {
    // What changes before it was painted is painted once, as it is now.
    if (!known.has(event.id) && (!isUpdate || arrived.has(event.id))) arrived.set(event.id, event);
    else updated.push(event);
  }
  show([...arrived.values()], updated);
}

function show(arrived: readonly Event[], updated: readonly Event[]): void {
  const changed = updated.filter((event) => isOfOtherType(event, recall(event.id)));
  batch(() => {
    for (const event of [...arrived, ...updated]) remember(event);
    recent.value = merged(arrived, updated);
    for (const event of arrived) noteLatest(event);
    noteStanding([...arrived, ...changed]);
    refreshLatest(updated);
    refreshStanding(updated);
    for (const listener of listeners) listener(arrived, updated);
  });
}

/** Whether a later report has said that the person is of another type than was shown. */
function isOfOtherType(event: Event, before: Event | null): boolean {
  return before !== null && before.person.type !== event.person.type;
}

/** New events in front, in the order of arrival; changed events keep their places. */
function merged(arrived: readonly Event[], updated: readonly Event[]): readonly Event[] {
  const changed = new Map(updated.map((event) => [event.id, event]));
  const kept = changed.size === 0 ? recent.value : recent.value.map((event) => changed.get(event.id) ?? event);
  return [...arrived.toReversed(), ...kept].slice(0, maxEvents);
}

/** Asks for the newest events until it gets them. */
export async function fillArrivals(): Promise<void> {
  const asked = session.value;
  // Another user may have signed in.
  const isOver = () => asked === null || asked !== session.value;
  while (!isOver()) {
    try {
      const { events, seen } = await newestReceived({ limit: atFirst });
      if (isOver()) return;
      batch(() => {
        // The feed may have brought some, as they are now: the answer may be older.
        const there = new Set(recent.value.map(({ id }) => id));
        const added = events.filter(({ id }) => !there.has(id));
        for (const event of added) remember(event);
        recent.value = [...recent.value, ...added].sort(byReceipt).slice(0, maxEvents);
        beginning.value = { is: "there" };
        if (events[0] !== undefined) noteLatest(events[0]);
        noteEarlier({ events, seen });
      });
      return;
    } catch (error) {
      const failure = failureOf(error);
      if (failure === null || isOver()) return;
      // They may have been asked for elsewhere, too.
      if (beginning.peek().is !== "there") beginning.value = { is: "failed", failure, retryAt: Date.now() + retryMs };
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/** Forgets all shown events: another user may sign in next. */
export function clearArrivals(): void {
  waiting = [];
  clearLatest();
  clearStanding();
  clearRinging();
  forgetAll();
  batch(() => {
    recent.value = [];
    beginning.value = { is: "loading" };
    isPaused.value = false;
    unshown.paused.value = 0;
    unshown.hidden.value = 0;
  });
}

function takeOff(isErased: (event: Event) => boolean): void {
  waiting = waiting.filter(({ event }) => !isErased(event));
  recent.value = recent.value.filter((event) => !isErased(event));
  forgetLatest(isErased, recent.value[0] ?? null);
}

onErased(takeOff, () => [...recent.peek(), ...waiting.map(({ event }) => event)]);
