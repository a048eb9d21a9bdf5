import type { LiveConfiguration, MissedChanges } from "@gatepost/query";
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
    if (changes.length === 0 && isEnd && latest() === heard) return heard > missed.cursor ? heard : missed.cursor;
    for (const change of changes) {
      const message = await missed.messageOf(change);
      if (message !== null) connection.sendQueue.send(message);
      await connection.sendQueue.room();
      if (!isAsked()) return null;
    }
  }
}
