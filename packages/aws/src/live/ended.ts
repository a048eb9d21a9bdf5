import type { Log } from "@gatepost/core/log";
import { RecentCache } from "../dynamo/recent-cache.ts";
import type { EndedOf } from "./connections.ts";
import type { Sockets } from "./sockets.ts";

/** ms for which a process does not ask again about the connections of a key: whoever is refused may come at once again. */
const askEveryMs = 1000;

/** Keys that a process remembers to have asked about. */
const maxRemembered = 1000;

interface Deps {
  sockets: Pick<Sockets, "isOpen">;
  log: Log;
  clock(): number;
}

/** Asks API Gateway which connections are over. One about which it does not answer counts as open. */
export function askWhichEnded({ sockets, log, clock }: Deps): EndedOf {
  const asked = new RecentCache<true>(maxRemembered);
  const isOver = async (id: string): Promise<boolean> => {
    try {
      return !(await sockets.isOpen(id));
    } catch (cause) {
      log.warn("whether a connection of the live feed is over was not told", { cause });
      return false;
    }
  };
  return async (keyId, ids) => {
    const now = clock();
    if (asked.find(keyId, now - askEveryMs)) return [];
    asked.note(keyId, true, now);
    const over = await Promise.all(ids.map(isOver));
    return ids.filter((_, index) => over[index]);
  };
}
