import type { ActionOutbox } from "../ports/action-outbox.ts";
import type { EventOutbox } from "../ports/event-outbox.ts";
import { type AnnouncePorts, announceAction, announceEvent, relayTimeoutMs } from "./announce.ts";

/** The ports by which the outboxes are emptied. */
export interface RelayPorts extends AnnouncePorts {
  actions: ActionOutbox;
  eventOutbox: EventOutbox;
}

/** ms after which the process that wrote an action or an event counts as gone. */
const pendingForMs = 60_000;

/** ms for which an action or an event is leased. What cannot be announced is free again after that. */
const leaseMs = 60_000;

const batchSize = 100;

export interface Relayed {
  announced: number;
  failed: number;
}

interface Outbox<Waiting> {
  lease(pending: { before: number; until: number; limit: number }): Promise<Waiting[]>;
}

export interface RelayOptions {
  /** ms after which no other batch is begun. */
  withinMs?: number;
  /** ms since 1970: what was written by then belongs to a process that is known to be gone, however new it is. */
  leftBy?: number;
}

/**
 * Announces actions and recorded events that wait for over 60 s, until none is left, a whole batch fails, or the time is
 * over. One that fails, as where the bus takes less than it is given, does not keep those behind it waiting for the next
 * run.
 *
 * @example
 * const relayed = await relayOutbox(awsRuntime());
 */
export async function relayOutbox(deps: RelayPorts, options: RelayOptions = {}): Promise<Relayed> {
  const { withinMs = Number.POSITIVE_INFINITY, leftBy = Number.NEGATIVE_INFINITY } = options;
  const within = { end: deps.clock() + withinMs, leftBy };
  const { actions, eventOutbox: events } = deps;
  const both = [
    relay(actions, (one) => announceAction(one, deps, relayTimeoutMs), within, deps),
    relay(events, (one) => announceEvent(one, deps, relayTimeoutMs), within, deps),
  ];
  // One outbox that cannot be read does not keep the other from being emptied.
  await Promise.allSettled(both);
  const relayed = await Promise.all(both);
  return { announced: sum(relayed, "announced"), failed: sum(relayed, "failed") };
}

const sum = (relayed: readonly Relayed[], of: keyof Relayed) => relayed.reduce((total, each) => total + each[of], 0);

async function relay<Waiting>(
  outbox: Outbox<Waiting>,
  announce: (one: Waiting) => Promise<void>,
  { end, leftBy }: { end: number; leftBy: number },
  deps: RelayPorts,
): Promise<Relayed> {
  const relayed = { announced: 0, failed: 0 };
  for (;;) {
    const now = deps.clock();
    const before = Math.max(now - pendingForMs, leftBy);
    const taken = await outbox.lease({ before, until: now + leaseMs, limit: batchSize });
    const results = await Promise.allSettled(taken.map((one) => announce(one)));
    const causes = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    for (const cause of causes) deps.log.warn("not announced", { cause });
    relayed.announced += taken.length - causes.length;
    relayed.failed += causes.length;
    if (taken.length < batchSize || causes.length === taken.length || deps.clock() >= end) return relayed;
  }
}
