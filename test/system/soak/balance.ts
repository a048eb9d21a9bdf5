import type { Account } from "./account.ts";

/** What must be 0 and is not, by name. An account without any balances. */
export function imbalances({ history, realtime, actions, stores, unknown }: Account): Record<string, number> {
  const mustBeNone = {
    "history lost": history.lost,
    "history doubled": history.doubled,
    "real-time lost while nothing failed": realtime.lostWhileUp,
    "real-time acknowledged and lost": realtime.lostAcknowledged,
    "real-time doubled": realtime.doubled,
    "actions lost": actions.lost,
    "actions not enqueued": actions.notEnqueued,
    "actions left pending": actions.pending,
    "events that the API does not list as the table holds them": stores?.notListed ?? 0,
    "events without a picture of theirs": stores?.withoutPicture ?? 0,
    "events that nobody sent": unknown,
  };
  return Object.fromEntries(Object.entries(mustBeNone).filter(([, count]) => count > 0));
}
