import { announceAction } from "./announce.ts";
import type { Ports } from "../ports/ports.ts";

/** ms after which a pending action counts as left behind by whoever armed it. */
const leftBehindAfter = 60_000;

/** ms for which the sweep holds what it took; what it cannot announce is free again after that. */
const heldFor = 60_000;

const atOnce = 100;

export interface Swept {
  announced: number;
  failed: number;
}

/** Announces actions that are pending for over 60 s, until none is left or one of a batch fails. */
export async function sweepActions(on: Ports): Promise<Swept> {
  const swept = { announced: 0, failed: 0 };
  for (;;) {
    const now = on.clock();
    const taken = await on.actions.lease({ before: now - leftBehindAfter, until: now + heldFor, limit: atOnce });
    const results = await Promise.allSettled(taken.map((armed) => announceAction(armed, on)));
    for (const result of results) {
      if (result.status === "fulfilled") swept.announced += 1;
      else {
        swept.failed += 1;
        on.log.warn("not announced", { cause: result.reason });
      }
    }
    if (taken.length < atOnce || swept.failed > 0) return swept;
  }
}
