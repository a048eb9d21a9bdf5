import type { Api } from "@gatepost/client";
import { signal } from "@preact/signals";
import { type Erasable, onErased } from "../state/erased.ts";
import { asPeoplePage, type Listed, lastPassing } from "../state/people/listed.ts";
import { page } from "../state/route.ts";
import { Search } from "../state/search.ts";
import { gatepost } from "../state/session.ts";

/** How many people there are in all; null until it is known. */
export const peopleCount = signal<number | null>(null);

/** The people of the list. */
export const peopleSearch = new Search<Api["GET /v1/people"]["query"], Listed>({}, async (query, signal) => {
  const { people, next, total } = asPeoplePage(await gatepost().ask("GET /v1/people", { query, signal }));
  signal.throwIfAborted();
  peopleCount.value = total;
  return { items: people, next };
});

/** The person who was opened last from the list, by the path; null if another page was opened since. */
export const openedPerson = signal<string | null>(null);

page.subscribe((name) => {
  if (name !== "person" && name !== "people") openedPerson.value = null;
});

/** An erased person is gone at once. One whose last passing alone was erased is found again. */
function takeOff(isErased: (event: Erasable) => boolean): void {
  const removed = peopleSearch.remove((one) => isErased(lastPassing(one)));
  if (removed > 0) listAgain();
}

/** Lists the people of the same filter again. */
export function listAgain(): void {
  peopleSearch.begin(peopleSearch.found.peek().key, peopleSearch.query.peek());
}

onErased(takeOff, () => peopleSearch.found.peek().items.map(lastPassing));
