import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type AddressOf,
  type Announcing,
  actionId,
  actionRequested,
  type BusEntry,
  dayMs,
  eventRecorded,
  type StoredEvent,
  withholdingReason,
} from "@gatepost/protocol";
import type { EventOutbox, Upsert, Written } from "../events/ports.ts";
import type { Log } from "../log/log.ts";
import type { PhotoLinks } from "../pictures/photo-link.ts";
import type { PictureStore } from "../pictures/ports.ts";
import type { ActionBus, ActionOutbox, EnqueuedAction, UntoldActions } from "./ports.ts";

/** The ports by which an action or an event is announced. */
export interface AnnouncePorts {
  actions: Pick<ActionOutbox, "markAnnounced" | "withhold">;
  eventOutbox: Pick<EventOutbox, "markAnnounced">;
  bus: ActionBus;
  pictures: Pick<PictureStore, "address">;
  /** Absent if entries have no links. */
  photoLink?: PhotoLinks;
  log: Log;
  clock(): number;
}

/** ms that a report waits for the bus. */
const inlineTimeoutMs = 1000;

/**
 * ms that the sweep of an outbox waits for the bus: no report waits for it. An entry that the bus takes later is
 * announced again.
 */
const relayTimeoutMs = 10_000;

/**
 * Announces the action that a write enqueued, and the event that it made if the bus receives events. Never throws: an
 * entry that could not be announced stays in its outbox, and `relayOutbox` announces it.
 */
export async function announce(entry: Upsert, written: Written, deps: AnnouncePorts): Promise<void> {
  const started = startedBy(entry, written, deps);
  if (started.length === 0) return;
  for (const result of await Promise.allSettled(started)) {
    if (result.status === "rejected") deps.log.warn("not announced", { cause: result.reason, event: entry.eventId });
  }
}

function startedBy(
  { action, report, eventId, isAwaited }: Upsert,
  { outcome, enqueued, event }: Written,
  deps: AnnouncePorts,
) {
  const started: Promise<unknown>[] = [];
  if (event !== null && enqueued && action?.state === "pending") started.push(announceAction({ action, event }, deps));
  if (event !== null && outcome === "created" && isAwaited) started.push(announceEvent(event, deps));
  // The event may have a pending action that another report asked for. Another report may also say whether the person
  // is a stranger: if this one does not, the announcement decides.
  const isOfStranger = report.person?.type === "stranger" && (outcome === "merged" || outcome === "filled");
  const reason = isOfStranger ? withholdingReason("1001", [report]) : null;
  if (reason !== null) started.push(deps.actions.withhold(actionId(eventId, "1001"), reason));
  return started;
}

/**
 * Puts one action on the bus, then marks it as announced. A process that ends between the two leaves it pending, so it
 * is announced again. An action that was announced before, and that no rule took, is marked late. True if a rule took it.
 */
async function announceAction(
  { action, event }: EnqueuedAction,
  deps: AnnouncePorts,
  timeoutMs = inlineTimeoutMs,
): Promise<boolean> {
  const hasWaited = action.state !== "pending";
  const reason = hasWaited ? null : withholdingReason(action.wantAction, event.reports);
  if (reason !== null) return deps.actions.withhold(action.id, reason).then(() => false);
  const entryOf = (announcing: Announcing) => actionRequested(event, action, { ...announcing, hasWaited });
  const isTold = await put(event, entryOf, deps, timeoutMs);
  if (isTold || !hasWaited) await deps.actions.markAnnounced(action.id, isTold);
  return isTold;
}

/** Puts on the bus that an event was recorded, then takes it out of the outbox. It is announced again as an action is. */
async function announceEvent(event: StoredEvent, deps: AnnouncePorts, timeoutMs = inlineTimeoutMs): Promise<void> {
  await put(event, (announcing) => eventRecorded(event, announcing), deps, timeoutMs);
  await deps.eventOutbox.markAnnounced(event.id);
}

/** Puts an entry about an event on the bus, within a time limit. */
async function put(
  event: StoredEvent,
  entryOf: (announcing: Announcing) => BusEntry,
  deps: AnnouncePorts,
  timeoutMs: number,
): Promise<boolean> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`the bus took longer than ${timeoutMs} ms`)), timeoutMs);
  try {
    const addressOf = addressesOf(event, deps);
    return await Promise.race([deps.bus.put(entryOf({ addressOf, now: deps.clock() })), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The addresses of an event's pictures in entries, with links if there are any. */
export function addressesOf(
  { id }: Pick<StoredEvent, "id">,
  { pictures, photoLink }: Pick<AnnouncePorts, "pictures" | "photoLink">,
): AddressOf {
  return (picture) => {
    const address = pictures.address(picture);
    const link = photoLink?.({ id, sha256: picture.sha256 }) ?? null;
    return link === null ? address : { ...address, link };
  };
}

/** The ports by which the outboxes are emptied. */
export interface RelayPorts extends AnnouncePorts {
  actions: ActionOutbox;
  eventOutbox: EventOutbox;
}

/** ms after which the process that wrote an action or an event counts as gone. */
const pendingForMs = 60_000;

/** ms for which an action or an event is leased. If it cannot be announced, it is free again after that. */
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
  /** ms since 1970: entries written by then belong to a process that is known to be gone, however new it is. */
  leftBy?: number;
}

/**
 * Announces actions and recorded events that wait for over 60 s, until none is left, a whole batch fails, or the time
 * is over. An entry that fails, for example because the bus refuses it, does not delay the following ones until the
 * next run.
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
  announce: (one: Waiting) => Promise<unknown>,
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

/** The ports by which actions that no rule has taken are announced. */
export interface UntoldPorts extends AnnouncePorts {
  actions: AnnouncePorts["actions"] & UntoldActions;
}

/** ms for which an action waits for a rule, from its announcement. */
const untoldForMs = 14 * dayMs;

/** Few, because an action may be declined or erased while those before it are announced. */
const untoldBatchSize = 20;

/**
 * Announces again the actions that no rule has taken, oldest first. Call it after new rules are used, until `next` is
 * null. They go one after the other, so that reports are not delayed.
 *
 * @param from the last `next`; null begins with the oldest
 * @param withinMs ms after which no other batch is begun
 */
export async function relayUntold(
  deps: UntoldPorts,
  { from = null, withinMs = Number.POSITIVE_INFINITY }: { from?: string | null; withinMs?: number } = {},
): Promise<{ told: number; failed: number; next: string | null }> {
  const [now, outcome] = [deps.clock(), { told: 0, failed: 0, next: from }];
  do {
    const page = await deps.actions.untold(
      { since: now - untoldForMs },
      { limit: untoldBatchSize, cursor: outcome.next },
    );
    for (const action of page.items) {
      try {
        if (await announceAction(action, deps, relayTimeoutMs)) outcome.told += 1;
      } catch (cause) {
        deps.log.warn("not announced", { cause });
        outcome.failed += 1;
      }
      await nextTurn();
    }
    outcome.next = page.next;
  } while (outcome.next !== null && deps.clock() - now < withinMs);
  if (outcome.told > 0) deps.log.info("actions that waited for a rule were announced", { actions: outcome.told });
  return outcome;
}
