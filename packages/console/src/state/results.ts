import { type Event, type EventFilter, pauseAsked } from "@gatepost/client";
import { batch, signal } from "@preact/signals";
import { onErased, withoutErased } from "./erased.ts";
import { type Failure, failureOf, isPassing } from "./failure.ts";
import { remember } from "./known-events.ts";
import { page } from "./route.ts";
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

/** What a search has found so far. */
export interface Results {
  /** The filter's text, by which they are known. */
  key: string;
  events: readonly Event[];
  next: string | null;
  isLoading: boolean;
  /** The filter text of these events: still the previous filter, until the first new events are there. */
  foundBy: string;
  /** Whether the events are still from a previous search. */
  isStale: boolean;
  failure: Failure | null;
  retryAt: number | null;
}

const none: Results = {
  key: "",
  events: [],
  next: null,
  isLoading: false,
  foundBy: "",
  isStale: false,
  failure: null,
  retryAt: null,
};

export const results = signal<Results>(none);
/** How many there are in all; null while that is not known. */
export const total = signal<{ count: number; isExact: boolean } | null>(null);
/** Whether they are being counted. */
export const isCounting = signal(false);

/** The filter of the last request: for “today” in the address, that day. */
export const searched = signal<EventFilter>({});

const pageSize = 50;
const retryMs = 5000;
/** Maximum number of empty pages in a row, if very few of many events match. */
const maxEmpty = 20;
let aborter = new AbortController();
let timer: ReturnType<typeof setTimeout> | undefined;

// Another user signs in: answers to the previous key are not for them.
session.subscribe(() => {
  aborter.abort();
  clearTimeout(timer);
  batch(() => {
    results.value = none;
    total.value = null;
  });
});

/** Searches anew. The rows of the search before stay, dimmed, until the first new ones are there. */
export function search(key: string, asked: EventFilter): void {
  aborter.abort();
  clearTimeout(timer);
  aborter = new AbortController();
  searched.value = asked;
  results.value = { ...results.value, key, isLoading: true, isStale: results.value.events.length > 0, failure: null };
  total.value = null;
  void load(null, aborter.signal);
  void countAll(aborter.signal);
}

export function searchMore(): void {
  const { next, isLoading, failure } = results.value;
  if (next !== null && !isLoading && failure === null) {
    results.value = { ...results.value, isLoading: true };
    void load(next, aborter.signal);
  }
}

async function load(cursor: string | null, signal: AbortSignal): Promise<void> {
  try {
    const page = await pageAt(cursor, signal);
    const before = cursor === null ? [] : results.value.events;
    batch(() => {
      for (const event of page.events) remember(event);
      const { key } = results.value;
      results.value = { ...results.value, ...page, events: [...before, ...page.events], foundBy: key, ...settled };
    });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null || signal.aborted) return;
    const pause = pauseAsked(failure.retryAfter, retryMs);
    const retryAt = isPassing(failure) ? Date.now() + pause : null;
    const { events, isStale, foundBy, key } = results.value;
    // Where it is asked again, what the same filter found before stays, dimmed.
    const isOfOther = isStale && (retryAt === null || foundBy !== key);
    const left = isOfOther ? { events: [], isStale: false } : { events, isStale };
    results.value = { ...results.value, ...settled, ...left, failure, retryAt };
    if (retryAt !== null) timer = setTimeout(() => retry(cursor), pause);
  }
}

const settled = { isLoading: false, isStale: false, failure: null, retryAt: null };

/** A page with events, or the last one. */
async function pageAt(cursor: string | null, signal: AbortSignal): Promise<{ events: Event[]; next: string | null }> {
  let at = cursor;
  for (let empty = 0; ; empty++) {
    const query = { ...searched.peek(), limit: pageSize, ...(at === null ? {} : { cursor: at }) };
    const page = await withoutErased(gatepost().ask("GET /v1/events", { query, signal }));
    signal.throwIfAborted();
    const found = { events: page.events, next: page.next };
    if (found.events.length > 0 || found.next === null || empty === maxEmpty) return found;
    at = found.next;
  }
}

function retry(cursor: string | null): void {
  clearTimeout(timer);
  results.value = { ...results.value, isLoading: true };
  void load(cursor, aborter.signal);
}

/** Continues at the failed page: at the first one if this search has none yet. */
export function searchAgain(): void {
  const { events, isStale, next } = results.value;
  retry(events.length === 0 || isStale ? null : next);
}

/** A server that cannot count is no failure: then only loaded events are counted. */
async function countAll(signal: AbortSignal): Promise<void> {
  isCounting.value = true;
  const counted = await gatepost()
    .ask("GET /v1/events/count", { query: searched.peek(), signal })
    .catch(() => null);
  if (signal.aborted) return;
  batch(() => {
    isCounting.value = false;
    total.value = counted;
  });
}

function takeOff(isErased: (event: Event) => boolean): void {
  const { events } = results.value;
  const left = events.filter((event) => !isErased(event));
  results.value = { ...results.value, events: left };
  const all = total.value;
  if (all !== null) total.value = { ...all, count: all.count - (events.length - left.length) };
}

onErased(takeOff, () => results.peek().events);
