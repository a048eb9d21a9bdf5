import type { Ports } from "../ports/ports.ts";
import { announceAction } from "./announce.ts";

/** ms after which the process that enqueued an action counts as gone. */
const pendingForMs = 60_000;

/** ms for which an action is leased. What cannot be announced is free again after that. */
const leaseMs = 60_000;

const batchSize = 100;

export interface Relayed {
  announced: number;
  failed: number;
}

/**
 * Announces actions that are pending for over 60 s, until none is left, a whole batch fails, or the time is over. One that
 * fails, as where the bus takes less than it is given, does not keep those behind it waiting for the next run.
 *
 * @param withinMs ms after which no other batch is begun
 *
 * @example
 * const relayed = await relayOutbox(awsRuntime());
 */
export async function relayOutbox(deps: Ports, withinMs = Number.POSITIVE_INFINITY): Promise<Relayed> {
  const end = deps.clock() + withinMs;
  const relayed = { announced: 0, failed: 0 };
  for (;;) {
    const now = deps.clock();
    const taken = await deps.actions.lease({ before: now - pendingForMs, until: now + leaseMs, limit: batchSize });
    const results = await Promise.allSettled(taken.map((action) => announceAction(action, deps)));
    const causes = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    for (const cause of causes) deps.log.warn("not announced", { cause });
    relayed.announced += taken.length - causes.length;
    relayed.failed += causes.length;
    if (taken.length < batchSize || causes.length === taken.length || deps.clock() >= end) return relayed;
  }
}
