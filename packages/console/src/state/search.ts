import { pauseAsked } from "@gatepost/client";
import { type Signal, signal } from "@preact/signals";
import { type Failure, failureOf, isPassing } from "./failure.ts";
import { session } from "./session.ts";

/** What a search has found so far. */
interface Found<Item> {
  /** The filter's text, by which they are known. */
  key: string;
  items: readonly Item[];
  next: string | null;
  isLoading: boolean;
  /** The filter text of these items: still the previous filter, until the first new items are there. */
  foundBy: string;
  /** Whether the items are still from a previous search. */
  isStale: boolean;
  failure: Failure | null;
  retryAt: number | null;
}

/** Whether a search has ended without a result. */
export const isNothing = ({ items, isLoading, failure }: Found<unknown>) =>
  items.length === 0 && !isLoading && failure === null;

interface Page<Item> {
  items: readonly Item[];
  next: string | null;
}

type ReadPage<Query, Item> = (
  query: Query & { limit: number; cursor?: string },
  signal: AbortSignal,
) => Promise<Page<Item>>;

const settled = { isLoading: false, isStale: false, failure: null, retryAt: null };
const none = { key: "", items: [], next: null, foundBy: "", ...settled };

const pageSize = 50;
const retryMs = 5000;
/** Maximum number of empty pages in a row, if very few of many items match. */
const maxEmpty = 20;

/** A list that is searched and read page by page. It stays for the way back from one of its items. */
export class Search<Query extends object, Item> {
  readonly found: Signal<Found<Item>> = signal(none);
  /** The filter of the last request: for “today” in the address, that day. */
  readonly query: Signal<Query>;
  readonly #readPage: ReadPage<Query, Item>;
  #aborter = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param everything the query that has no filter */
  constructor(everything: Query, readPage: ReadPage<Query, Item>) {
    this.query = signal(everything);
    this.#readPage = readPage;
    // Another user signs in: answers to the previous key are not for them.
    session.subscribe(() => {
      this.#end();
      this.found.value = none;
    });
  }

  /** Searches anew. The rows of the search before stay, dimmed, until the first new ones are there. */
  begin(key: string, query: Query): AbortSignal {
    this.#end();
    this.#aborter = new AbortController();
    this.query.value = query;
    const { items } = this.found.value;
    this.found.value = { ...this.found.value, key, isLoading: true, isStale: items.length > 0, failure: null };
    void this.#load(null);
    return this.#aborter.signal;
  }

  more = (): void => {
    const { next, isLoading, failure } = this.found.value;
    if (next !== null && !isLoading && failure === null) this.#loadAt(next);
  };

  /** Continues at the failed page: at the first one if this search has none yet. */
  again = (): void => {
    const { items, isStale, next } = this.found.value;
    clearTimeout(this.#timer);
    this.#loadAt(items.length === 0 || isStale ? null : next);
  };

  /** Takes items off the list, and returns how many. */
  remove(isGone: (item: Item) => boolean): number {
    const { items } = this.found.value;
    const left = items.filter((item) => !isGone(item));
    if (left.length < items.length) this.found.value = { ...this.found.value, items: left };
    return items.length - left.length;
  }

  #end(): void {
    this.#aborter.abort();
    clearTimeout(this.#timer);
  }

  #loadAt(cursor: string | null): void {
    this.found.value = { ...this.found.value, isLoading: true };
    void this.#load(cursor);
  }

  async #load(cursor: string | null): Promise<void> {
    const { signal } = this.#aborter;
    try {
      const { items, next } = await this.#someAt(cursor, signal);
      const { key: foundBy, items: before } = this.found.value;
      const all = cursor === null ? items : [...before, ...items];
      this.found.value = { ...this.found.value, items: all, next, foundBy, ...settled };
    } catch (error) {
      const failure = failureOf(error);
      if (failure === null || signal.aborted) return;
      const pause = pauseAsked(failure.retryAfter, retryMs);
      const retryAt = isPassing(failure) ? Date.now() + pause : null;
      const { items, isStale, foundBy, key } = this.found.value;
      // If it is asked again, what the same filter found before stays, dimmed.
      const isOfOther = isStale && (retryAt === null || foundBy !== key);
      const left = isOfOther ? { items: [], isStale: false } : { items, isStale };
      this.found.value = { ...this.found.value, ...settled, ...left, failure, retryAt };
      if (retryAt !== null) this.#timer = setTimeout(() => this.#loadAt(cursor), pause);
    }
  }

  /** A page with items, or the last one. */
  async #someAt(cursor: string | null, signal: AbortSignal): Promise<Page<Item>> {
    let at = cursor;
    for (let empty = 0; ; empty++) {
      const page = await this.#readPage(
        { ...this.query.peek(), limit: pageSize, ...(at === null ? {} : { cursor: at }) },
        signal,
      );
      signal.throwIfAborted();
      if (page.items.length > 0 || page.next === null || empty === maxEmpty) return page;
      at = page.next;
    }
  }
}
