import type { Client } from "./client.ts";
import { type CursorStore, cursorsInMemory, LiveFeed } from "./live.ts";
import type { LiveState, LiveWish, LiveWorld } from "./live-shapes.ts";
import { Refusal } from "./refusal.ts";
import type { Event } from "./schema.ts";

export interface FollowLive extends Omit<LiveWish, "since"> {
  /** The address of the feed, as `/live` or `wss://live.example/live`: `server.live` of `GET /v1/me`. */
  url: string;
  /** The store for the cursor of the last event. By default in memory: then each start begins with new events. */
  cursors?: CursorStore;
  /** Ends it. */
  signal?: AbortSignal;
  state?(state: LiveState): void;
  /**
   * Called with the ids of events that were erased, in the order of the feed: after the events that precede them. With
   * `holds` it is also called for erasures during a lost connection.
   */
  erased?(ids: readonly string[]): void | Promise<void>;
  /** The ids of the events that the caller keeps. With each connection, `erased` is called with those that are gone. */
  holds?(): Iterable<string>;
  /** Called when the event to continue after is gone, so that events may have been missed. */
  gap?(): void;
  world?: LiveWorld;
}

export interface LiveEvent {
  event: Event;
  /** The event was given before, and a later report was added to it. */
  isUpdate: boolean;
  /** The client had missed the event. */
  isCatchUp: boolean;
  /** The cursor to continue behind the event; absent from a server that does not give it. */
  cursor?: string;
}

/** Events that may wait for the reader. With more, the connection is closed, and opened again once they are read. */
const maxWaiting = 500;

/**
 * Gives events as they are received, without an end. It reconnects when it is disconnected, and continues after the
 * last event that was handled: no event is missed while Gatepost still has that event, and none is given twice on one
 * machine. Throws a Refusal if the key is not valid any more or the request is not understood, and another error if no
 * connection can ever be made, as with an invalid address.
 *
 * @example
 * for await (const { event } of followLive(gatepost, { url: "wss://gatepost.example/live", cursors })) greet(event);
 */
export async function* followLive(client: Client, options: FollowLive): AsyncGenerator<LiveEvent, void, void> {
  const { cursors = cursorsInMemory(), signal } = options;
  let since = (await cursors.read()) ?? undefined;
  while (signal?.aborted !== true) {
    const queue = new Queue(signal);
    const feed = openFeed(client, options, queue);
    feed.configure({ ...wishOf(options), ...(since === undefined ? {} : { since }) });
    try {
      for (let next = await queue.take(); next !== null; next = await queue.take()) {
        if ("erased" in next) {
          await options.erased?.(next.erased);
          continue;
        }
        yield next;
        if (next.isUpdate && next.cursor === undefined) continue;
        since = next.cursor ?? next.event.id;
        await cursors.write(since);
      }
    } finally {
      feed.close();
      queue.close();
    }
  }
}

const wishOf = ({ boxes, types }: FollowLive): LiveWish => ({
  ...(boxes === undefined ? {} : { boxes }),
  ...(types === undefined ? {} : { types }),
});

function openFeed(client: Client, { url, state, gap, holds, erased, world }: FollowLive, queue: Queue): LiveFeed {
  const feed: LiveFeed = new LiveFeed(
    client,
    url,
    {
      event: (event, about) => {
        if (!queue.put({ event, ...about })) feed.close();
      },
      ...(erased === undefined
        ? {}
        : {
            erased: (ids) => {
              if (!queue.put({ erased: ids })) feed.close();
            },
          }),
      ...(holds === undefined ? {} : { holds }),
      ...(gap === undefined ? {} : { gap }),
      wishRefused: (why) => queue.fail(refusalBy(why, 400, null)),
      state: (is) => {
        state?.(is);
        if (is.is === "refused") queue.fail(is.refusal ?? revoked());
      },
    },
    world,
  );
  return feed;
}

function refusalBy(why: string, status: number, code: Refusal["code"]): Refusal {
  return new Refusal(why, { status, asked: "the live feed", code, isProblem: true, retryAfter: null });
}

function revoked(): Refusal {
  return refusalBy("this key was revoked", 401, "revoked");
}

/** An arrival from the feed: an event, or the ids of erased ones. */
type Arrival = LiveEvent | { erased: readonly string[] };

/** What arrived and was not read yet. */
class Queue {
  readonly #waiting: Arrival[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #wakeUp = () => this.#woken();
  #woken: () => void = () => {};
  #isFull = false;
  #failure: Refusal | null = null;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    signal?.addEventListener("abort", this.#wakeUp);
  }

  /** False when the queue is full: it takes no more then. */
  put(arrival: Arrival): boolean {
    if (this.#isFull) return false;
    this.#waiting.push(arrival);
    this.#isFull = this.#waiting.length >= maxWaiting;
    this.#woken();
    return !this.#isFull;
  }

  fail(failure: Refusal): void {
    this.#failure = failure;
    this.#woken();
  }

  /** The next arrival; null if this connection has no more. */
  async take(): Promise<Arrival | null> {
    for (;;) {
      if (this.#signal?.aborted) return null;
      const next = this.#waiting.shift();
      if (next !== undefined) return next;
      if (this.#failure !== null) throw this.#failure;
      if (this.#isFull) return null;
      await new Promise<void>((resolve) => {
        this.#woken = resolve;
      });
    }
  }

  close(): void {
    this.#signal?.removeEventListener("abort", this.#wakeUp);
  }
}
