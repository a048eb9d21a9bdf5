import { session } from "../state/session.ts";
import { arrive, lastReceived } from "./arrivals.ts";
import { newestReceived } from "./events-and-seen.ts";

/** Events that are shown of those that were missed. */
const most = 200;

/**
 * Shows what has come while there was no connection, where the feed cannot tell: the event behind which it would go on
 * was erased meanwhile. What is shown now says where the gap begins, however late the server answers.
 */
export function gapFiller(): () => Promise<void> {
  const last = lastReceived();
  // Then the newest are asked for, as at first.
  if (last === null) return async () => {};
  const signedIn = session.peek();
  return async () => {
    const { events } = await newestReceived({ limit: most });
    // Somebody else may have signed in.
    if (signedIn !== session.peek()) return;
    for (const event of events.toReversed()) {
      if (event.receivedAt > last.receivedAt) arrive(event, { isUpdate: false, isCatchUp: true });
    }
  };
}
