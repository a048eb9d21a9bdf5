import type { Client } from "./client.ts";
import { type CursorStore, cursorsInMemory } from "./live.ts";
import { pause, pauseAsked, pauseBefore } from "./pause.ts";
import { Refusal } from "./refusal.ts";
import type { Event } from "./schema.ts";

/** ms in which a page must come. */
const answerMs = 60_000;

export interface FollowChanges {
  /** The store for its position. By default in memory: then each start begins with the oldest event. */
  cursors?: CursorStore;
  /** ms until it asks again when nothing was new; 2000 by default. */
  pauseMs?: number;
  /** Events of one answer: 1 to 500, 200 by default. */
  limit?: number;
  /** Ends it. */
  signal?: AbortSignal;
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
  const { cursors = cursorsInMemory(), pauseMs = 2000, limit = 200, signal } = options;
  let after = (await cursors.read()) ?? undefined;
  for (let tries = 0; signal?.aborted !== true; ) {
    const page = await asked(client, { after, limit, signal }).catch((error: unknown) =>
      waited(error, tries++, options),
    );
    if (page === null) continue;
    tries = 0;
    for (const event of page.events) {
      yield event;
      if (signal?.aborted) return;
    }
    // When the caller asks for more, it has handled all events before.
    if (page.next !== after) await cursors.write(page.next);
    after = page.next;
    if (!page.more) await pause(pauseMs, signal);
  }
}

/**
 * The next page. It is given up when it does not come in time (the connection may be dead), or when `signal` aborts.
 */
function asked(
  client: Client,
  { after, limit, signal }: { after: string | undefined; limit: number; signal: AbortSignal | undefined },
) {
  const late = AbortSignal.timeout(answerMs);
  return client.changes(after, limit, signal === undefined ? late : AbortSignal.any([signal, late]));
}

/** Resolves with null when it is time to try again. Throws an error that will not go away by itself. */
async function waited(error: unknown, tries: number, { signal, failed }: FollowChanges): Promise<null> {
  if (signal?.aborted) return null;
  if (error instanceof Refusal && error.status !== 429 && error.status < 500) throw error;
  const asked = pauseAsked(error instanceof Refusal ? error.retryAfter : null, 0);
  const ms = Math.max(asked, pauseBefore(tries, Math.random()));
  failed?.(error, ms);
  await pause(ms, signal);
  return null;
}
