import type { Change, LiveConfiguration, MissedChanges } from "@gatepost/query";
import type { Subscriber } from "./subscriber.ts";

/**
 * Sends a subscriber what it has missed, at its own pace. Returns the cursor up to which it did, once nothing is left;
 * null where the subscriber disconnected or sent another configuration.
 *
 * @param latest the cursor of the latest change that was sent to others
 */
export async function catchUp(
  connection: Subscriber,
  configuration: LiveConfiguration,
  { missed, latest }: { missed: MissedChanges; latest: () => string },
): Promise<string | null> {
  const isAsked = () => connection.isOpen && connection.configuration === configuration;
  for (;;) {
    const heard = latest();
    const { changes, isEnd } = await missed.read();
    if (!isAsked()) return null;
    // What was heard of is in the feed, unless it was erased since: nobody waits for that.
    if (changes.length === 0 && isEnd && latest() === heard) return laterOf(heard, missed.cursor);
    for (const change of changes) {
      await send(change, connection, missed);
      if (!isAsked()) return null;
    }
  }
}

/** Sends a change, and waits until there is room for the next one. */
async function send(change: Change, { sendQueue }: Subscriber, missed: MissedChanges): Promise<void> {
  const message = await missed.messageOf(change);
  if (message !== null) sendQueue.send(message);
  await sendQueue.room();
}

function laterOf(one: string, other: string): string {
  return one > other ? one : other;
}
