import type { LiveConfiguration, MissedChanges } from "@gatepost/query";
import type { Subscriber } from "./subscriber.ts";

/**
 * Sends a subscriber what it has missed, at its own pace. Returns the place up to which it did, once nothing is left, or
 * null where the subscriber went away or asked for something else.
 *
 * @param latest the place of the latest change that others were told of
 */
export async function catchUp(
  connection: Subscriber,
  configuration: LiveConfiguration,
  { missed, latest }: { missed: MissedChanges; latest: () => string },
): Promise<string | null> {
  const isAsked = () => connection.isOpen && connection.configuration === configuration;
  for (;;) {
    const { changes, isEnd } = await missed.read();
    if (!isAsked()) return null;
    if (changes.length === 0 && isEnd && latest() <= missed.cursor) return missed.cursor;
    for (const change of changes) {
      const message = await missed.messageOf(change);
      if (message !== null) connection.sendQueue.send(message);
      await connection.sendQueue.room();
      if (!isAsked()) return null;
    }
  }
}
