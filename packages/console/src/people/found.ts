import { type Api, pauseAsked } from "@gatepost/client";
import { signal } from "@preact/signals";
import { type Erasable, onErased } from "../state/erased.ts";
import { type Failure, failureOf, isPassing } from "../state/failure.ts";
import { type Listed, lastPassing, type PeoplePage, pageOf } from "../state/people/listed.ts";
import { page } from "../state/route.ts";
import { gatepost, session } from "../state/session.ts";

type Asked = Api["GET /v1/people"]["query"];

interface Found {
  /** The text of the list, by which it is known. */
  key: string;
  people: readonly Listed[];
  /** Null until it is known. */
  total: number | null;
  next: string | null;
  isLoading: boolean;
  /** Whether the people were found by the list before. */
  isStale: boolean;
  failure: Failure | null;
  retryAt: number | null;
}

const none: Found = {
  ...{ key: "", people: [], total: null, next: null },
  ...{ isLoading: false, isStale: false, failure: null, retryAt: null },
};

/** The people who are found so far. They stay for the way back from a person. */
export const found = signal<Found>(none);

/** The person who was opened last from the list, by the path; null if another page was opened since. */
export const openedPerson = signal<string | null>(null);

page.subscribe((name) => {
  if (name !== "person" && name !== "people") openedPerson.value = null;
});

const pageSize = 50;
const retryMs = 5000;
/** Pages in a row without people, if the last passings of many had to be looked at. */
const maxEmpty = 20;

let asked: Asked = {};
let aborter = new AbortController();
let timer: ReturnType<typeof setTimeout> | undefined;

// Another user signs in: answers to the previous one are not for them.
session.subscribe(() => {
  aborter.abort();
  clearTimeout(timer);
  found.value = none;
});

/** Searches anew. The people of the search before stay, dimmed, until the first new ones are there. */
export function seek(key: string, query: Asked): void {
  aborter.abort();
  clearTimeout(timer);
  aborter = new AbortController();
  asked = query;
  found.value = { ...found.value, key, isLoading: true, isStale: found.value.people.length > 0, failure: null };
  void load(null, aborter.signal);
}

export function seekMore(): void {
  const { next, isLoading, failure } = found.value;
  if (next === null || isLoading || failure !== null) return;
  found.value = { ...found.value, isLoading: true };
  void load(next, aborter.signal);
}

/** Continues at the failed page. */
export function seekAgain(): void {
  const { isStale, next, people } = found.value;
  clearTimeout(timer);
  found.value = { ...found.value, isLoading: true, failure: null };
  void load(people.length === 0 || isStale ? null : next, aborter.signal);
}

async function load(from: string | null, signal: AbortSignal): Promise<void> {
  try {
    const { people, total, next } = await somePeople(from, signal);
    signal.throwIfAborted();
    const before = from === null ? [] : found.value.people;
    const settled = { isLoading: false, isStale: false, failure: null, retryAt: null };
    found.value = { ...found.value, people: [...before, ...people], total, next, ...settled };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null || signal.aborted) return;
    const pause = pauseAsked(failure.retryAfter, retryMs);
    const retryAt = isPassing(failure) ? Date.now() + pause : null;
    const left = found.value.isStale ? { people: [], total: null, next: null } : {};
    found.value = { ...found.value, ...left, isLoading: false, isStale: false, failure, retryAt };
    if (retryAt !== null) timer = setTimeout(seekAgain, pause);
  }
}

/** The next page with people, or the last one. */
async function somePeople(from: string | null, signal: AbortSignal): Promise<PeoplePage> {
  let at = from;
  for (let empty = 0; ; empty++) {
    const query = { ...asked, limit: pageSize, ...(at === null ? {} : { cursor: at }) };
    const page = pageOf(await gatepost().ask("GET /v1/people", { query, signal }));
    if (page.people.length > 0 || page.next === null || empty === maxEmpty) return page;
    at = page.next;
  }
}

/** An erased person is gone at once. One whose last passing alone was erased is found again. */
function takeOff(isErased: (event: Erasable) => boolean): void {
  const { people, key } = found.value;
  const left = people.filter((one) => !isErased(lastPassing(one)));
  if (left.length === people.length) return;
  found.value = { ...found.value, people: left };
  seek(key, asked);
}

onErased(takeOff, () => found.peek().people.map(lastPassing));
