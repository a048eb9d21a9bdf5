import type { Log } from "@gatepost/core/log";
import { hourMs } from "@gatepost/protocol";
import { CloudError, type CloudOrders } from "./cloud-orders.ts";

interface KeyCheckOptions {
  cloud: Pick<CloudOrders, "boxesOfKey">;
  /** The boxes of the configuration that have `people`. */
  boxes: readonly string[];
  now(): number;
  log: Log;
}

/**
 * ms between two checks while something is wrong, and while nothing is. Each check makes an entry in the cloud's audit
 * log.
 */
const wrongEveryMs = hourMs;
const everyMs = 24 * wrongEveryMs;
/** ms until the next try if the cloud did not answer. */
const againMs = 60_000;
/** Most boxes that a message names. */
const maxNamed = 10;

/**
 * Compares the boxes that the acting key sees in the cloud with the boxes of the configuration. For a box that it does
 * not see, no order arrives: nothing fails, and the order waits for ever.
 */
export class KeyCheck {
  readonly #options: KeyCheckOptions;
  #problem: string | null = null;
  #dueAt = 0;

  constructor(options: KeyCheckOptions) {
    this.#options = options;
  }

  /** The problem with the key or with names in the configuration, and what to do; null if none is known. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Asks the cloud from time to time. If it does not answer, the last result stays. */
  async look(signal: AbortSignal): Promise<void> {
    const { cloud, boxes, now, log } = this.#options;
    const waitMs = this.#dueAt - now();
    // After the clock was set back, it must still ask.
    if (waitMs > 0 && waitMs <= everyMs) return;
    try {
      const problem = problemOf(boxes, await cloud.boxesOfKey(signal));
      if (problem !== null && problem !== this.#problem)
        log.warn("the acting key does not receive orders for all boxes", { why: problem });
      if (problem === null && this.#problem !== null) log.info("the key of acting sees all boxes of the file");
      this.#problem = problem;
      this.#dueAt = now() + (problem === null ? everyMs : wrongEveryMs);
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      this.#dueAt = now() + againMs;
    }
  }
}

function problemOf(boxes: readonly string[], seen: readonly string[] | null): string | null {
  if (seen === null)
    return "acting.token is not limited to boxes, and settles nothing; give a read key that is limited to these";
  const missing = boxes.filter((box) => !seen.includes(box));
  if (missing.length === 0) return null;
  const named = missing.slice(0, maxNamed).map((box) => {
    const meant = seen.find((one) => one.toLowerCase() === box.toLowerCase());
    return meant === undefined ? box : `${box} (the cloud has ${meant})`;
  });
  const more = missing.length > maxNamed ? ` and ${missing.length - maxNamed} more` : "";
  return `acting.token does not see ${named.join(", ")}${more}: it receives no orders for them; write their names as the cloud has them, and give a key that is limited to all of them`;
}
