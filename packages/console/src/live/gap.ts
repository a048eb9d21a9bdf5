import { answeredOf } from "../state/erased.ts";
import { gatepost, session } from "../state/session.ts";
import { arrive, recent } from "./arrivals.ts";
import { eventsAndSeen } from "./events-and-seen.ts";

/** Events that are shown of those that were missed. */
const most = 200;

/**
 * Shows what has come while there was no connection, where the feed cannot tell: the event behind which it would go on
 * was erased meanwhile. That one is taken off, too.
 */
export async function fillGap(): Promise<void> {
  const shown = recent.peek();
  const [newest] = shown;
  if (newest === undefined) return;
  const path = { id: newest.id };
  const signedIn = session.value;
  const asked = answeredOf(newest.id, gatepost().ask("GET /v1/events/{id}", { path })).catch(() => null);
  const since = Math.max(...shown.map(({ receivedAt }) => Date.parse(receivedAt)));
  const { events } = await eventsAndSeen({ limit: most });
  // Somebody else may have signed in.
  if (signedIn !== session.value) return;
  for (const event of events.toReversed()) {
    if (Date.parse(event.receivedAt) > since) arrive(event, { isUpdate: false, isCatchUp: true });
  }
  await asked;
}
