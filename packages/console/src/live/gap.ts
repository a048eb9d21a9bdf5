import { session } from "../state/session.ts";
import { arrive, recent } from "./arrivals.ts";
import { eventsAndSeen } from "./events-and-seen.ts";

/** Events that are shown of those that were missed. */
const most = 200;

/**
 * Shows what has come while there was no connection, where the feed cannot tell: the event behind which it would go on
 * was erased meanwhile.
 */
export async function fillGap(): Promise<void> {
  const shown = recent.peek();
  if (shown.length === 0) return;
  const signedIn = session.value;
  const since = Math.max(...shown.map(({ receivedAt }) => Date.parse(receivedAt)));
  const { events } = await eventsAndSeen({ limit: most });
  // Somebody else may have signed in.
  if (signedIn !== session.value) return;
  for (const event of events.toReversed()) {
    if (Date.parse(event.receivedAt) > since) arrive(event, { isUpdate: false, isCatchUp: true });
  }
}
