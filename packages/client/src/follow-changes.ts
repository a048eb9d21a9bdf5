import type { Client } from "./client.ts";
import { askPage, Given } from "./page.ts";
import { pause, pauseAsked, pauseBefore } from "./pause.ts";
import { Refusal } from "./refusal.ts";
import type { ChangesPage, Event, News } from "./schema.ts";

/** The store in which a follower keeps its position: a file, a row of a database, the storage of a browser. */
export interface CursorStore {
  /** The last written cursor, or `end` to begin with the next change; null to begin with the oldest event. */
  read(): Promise<string | null>;
  /** Called when everything before the cursor was handled. If it rejects, the follower ends with that error. */
  write(cursor: string): Promise<void>;
}

/** Keeps the position while the program runs. */
export function cursorsInMemory(last: string | null = null): CursorStore {
  let kept = last;
  return {
    read: async () => kept,
    async write(cursor) {
      kept = cursor;
    },
  };
}

export interface FollowChanges {
  /** The store for its position. By default in memory: then each start begins with the oldest event. */
  cursors?: CursorStore;
  /** Least ms from one request to the next, unless there is more already; 2000 by default. */
  pauseMs?: number;
  /** Seconds for which a server on one machine may hold its answer until something is new: up to 25, 0 by default. */
  wait?: number;
  /** Events and news of one answer: 1 to 500, 200 by default. */
  limit?: number;
  /** Ends it. */
  signal?: AbortSignal;
  /**
   * Called with facts about events and lists, after the events of the same answer: who acknowledged events, which were
   * erased. After `missed`, ask `missing` which of your events are gone.
   */
  news?(news: News): void | Promise<void>;
  /** Called with each failure after which it tries again. */
  failed?(error: unknown, retryInMs: number): void;
}

/**
 * Gives every event each time it is stored or changes, in that order, without an end. An event is given at least once:
 * after a restart, events of the last page may be given again, and the latest form is the valid one. If the server does
 * not answer, or answers 429 or 5xx, it tries again. Any other Refusal is thrown, for example when the key was revoked.
 *
 * @example
 * for await (const event of followChanges(gatepost, { cursors })) await save(event); // saved before the next is asked for
 */
export async function* followChanges(client: Client, options: FollowChanges = {}): AsyncGenerator<Event, void, void> {
  const { cursors = cursorsInMemory(), pauseMs = 2000, limit = 200, wait = 0, signal, news } = options;
  const given = new Given(0);
  let after = (await cursors.read()) ?? undefined;
  while (signal?.aborted !== true) {
    const askedAt = performance.now();
    const page = await untilAnswered(() => askPage(client, { after, limit, wait, signal }), options);
    if (page === null) return;
    for (const event of page.events) {
      yield event;
      if (signal?.aborted) return;
    }
    for (const entry of page.news.filter((told) => given.isNews(told))) await news?.(entry);
    // When the caller asks for more, it has handled all events before.
    if (page.next !== after) await cursors.write(page.next);
    after = page.next;
    if (!page.more) await pause(pauseMs - (performance.now() - askedAt), signal);
  }
}

/** Asks until there is an answer; null after an abort. Throws an error that will not go away by itself. */
async function untilAnswered(
  ask: () => Promise<ChangesPage>,
  { signal, failed }: FollowChanges,
): Promise<ChangesPage | null> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (signal?.aborted) return null;
      if (error instanceof Refusal && error.status !== 429 && error.status < 500) throw error;
      const ms = pauseAfter(error, tries, Math.random());
      failed?.(error, ms);
      await pause(ms, signal);
      if (signal?.aborted) return null;
    }
  }
}

/** ms before the next try: as long as the answer asks for, and longer with each try. */
export function pauseAfter(error: unknown, tries: number, random: number): number {
  const asked = pauseAsked(error instanceof Refusal ? error.retryAfter : null, 0);
  return Math.max(asked, pauseBefore(tries, random));
}
