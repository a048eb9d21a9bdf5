import { setTimeout as sleep } from "node:timers/promises";
import { isBusy } from "@gatepost/sqlite";

/** ms between two tries, and how many there are. */
const pauseMs = 20;
const maxTries = 500;

/**
 * Writes to a file that another program may have locked for a moment. Between its tries the process does other work.
 */
export async function untilFree<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      if (!isBusy(error) || tries === maxTries) throw error;
    }
    await sleep(pauseMs);
  }
}
