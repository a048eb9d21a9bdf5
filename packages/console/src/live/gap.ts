import { session } from "../state/session.ts";
import { arrive, lastReceived } from "./arrivals.ts";
import { newestReceived } from "./events-and-seen.ts";

/** Events that are shown of those that were missed. */
const most = 200;

/**
 * Shows the events of an interruption after which the feed cannot continue: its event was erased meanwhile. The list as
 * it is now says where the gap begins, however late the server answers.
 */
export function gapFiller(): () => Promise<void> {
  const last = lastReceived();
  // Then the newest are asked for, as at first.
  if (last === null) return async () => {};
  const signedIn = session.peek();
  return async () => {
    const { events } = await newestReceived({ limit: most });
    // Another user may have signed in.
    if (signedIn !== session.peek()) return;
    for (const event of events.toReversed()) {
      if (event.receivedAt > last.receivedAt) arrive(event, { isUpdate: false, isCatchUp: true });
    }
  };
}
