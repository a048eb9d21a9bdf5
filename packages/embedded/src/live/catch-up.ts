import type { DatabaseSync } from "node:sqlite";
import type { Change } from "@gatepost/core/events";
import type { LiveConfiguration, MissedChanges } from "@gatepost/core/live";
import type { Turns } from "@gatepost/http";
import { ChangePages } from "../events/change-feed.ts";
import type { Subscriber } from "./subscriber.ts";

/** Each event at the number of its creation, and again at the number of its last change. */
const toldAfter = `SELECT made, made AS revision FROM events WHERE made > ?1
  UNION ALL SELECT made, revision FROM events WHERE revision > ?1 AND revision <> made`;

/**
 * The feed of changes as live clients got them: a changed event appears at its creation, and again at its last change.
 * So a client that was disconnected after any event continues after the creation of that event, and misses none.
 */
export class SqliteMissedFeed extends ChangePages {
  constructor(database: DatabaseSync, clock: () => number) {
    super(database, { changes: toldAfter, clock });
  }

  /** `changed` is the number at which the event appears here. */
  override async read(after: string | null, limit: number): ReturnType<ChangePages["read"]> {
    const { items, ...end } = await super.read(after, limit);
    const told = items.map((change): Change => ({ ...change, isUpdate: change.changed !== change.made }));
    return { items: told, ...end };
  }
}

/**
 * Bytes of messages that all clients that catch up are sent in one turn of the event loop. Boxes deliver between turns.
 */
export const bytesAtOnce = 512 * 1024;

interface Deps {
  missed: MissedChanges;
  /** The cursor of the latest change that other clients were sent. */
  latest(): string;
  /** Shared by all clients that catch up. */
  turns: Turns;
}

/**
 * Sends a client what it has missed, at its own pace. Returns the cursor of the last sent change, once nothing is left;
 * null if the client disconnected or sent another configuration.
 */
export async function catchUp(
  connection: Subscriber,
  configuration: LiveConfiguration,
  deps: Deps,
): Promise<string | null> {
  const { missed, latest, turns } = deps;
  const isAsked = () => connection.isOpen && connection.configuration === configuration;
  for (;;) {
    // Reading a page of the feed takes another turn.
    await turns.next(bytesAtOnce);
    const heard = latest();
    const { changes, isEnd } = await missed.read();
    if (!isAsked()) return null;
    // A change that was signalled is in the feed, unless it was erased since. An erased one is not waited for.
    if (changes.length === 0 && isEnd && latest() === heard) return laterOf(heard, missed.cursor);
    for (const change of changes) {
      await send(change, connection, deps);
      if (!isAsked()) return null;
    }
  }
}

/** Sends a change, and waits until there is room for the next one. */
async function send(change: Change, { sendQueue }: Subscriber, { missed, turns }: Deps): Promise<void> {
  const message = await missed.messageOf(change);
  if (message !== null) sendQueue.send(message);
  await turns.next(message?.length ?? 0);
  await sendQueue.room();
}

function laterOf(one: string, other: string): string {
  return one > other ? one : other;
}
