import type { Account } from "./account.ts";

/**
 * The counts that must be 0 and are not, by name. An account without any balances. A real-time report that was not
 * acknowledged is none of them: its box gives up after 0.5 s, which is too short on a busy machine, and sends history.
 */
export function imbalances({
  history,
  realtime,
  actions,
  terminals,
  stores,
  unknown,
}: Account): Record<string, number> {
  const mustBeNone = {
    "history acknowledged and lost": history.lost,
    "history that still waits": history.waiting,
    "history doubled": history.doubled,
    "real-time acknowledged and lost": realtime.lostAcknowledged,
    "real-time doubled": realtime.doubled,
    "actions lost": actions.lost,
    "actions not enqueued": actions.notEnqueued,
    "actions left pending": actions.pending,
    "passings at terminals acknowledged and lost": terminals.lost,
    "passings at terminals that still wait": terminals.waiting,
    "passings at terminals doubled": terminals.doubled,
    "events that the API does not list as the table holds them": stores?.notListed ?? 0,
    "events without a picture of theirs": stores?.withoutPicture ?? 0,
    "events that nobody sent": unknown,
  };
  return Object.fromEntries(Object.entries(mustBeNone).filter(([, count]) => count > 0));
}
