import {
  type AddressOf,
  type Announcing,
  actionId,
  actionRequested,
  announcedPhoto,
  type BusEntry,
  eventRecorded,
  type StoredEvent,
  withholdingReason,
} from "@gatepost/protocol";
import type { EventOutbox, Upsert, Written } from "../events/ports.ts";
import type { Log } from "../log/log.ts";
import type { PhotoLinks } from "../pictures/photo-link.ts";
import type { PictureBundles, PictureStore } from "../pictures/ports.ts";
import type { ActionBus, ActionOutbox, EnqueuedAction } from "./ports.ts";

/** The ports by which an action or an event is announced. */
export interface AnnouncePorts {
  actions: Pick<ActionOutbox, "markAnnounced" | "withhold">;
  eventOutbox: Pick<EventOutbox, "markAnnounced">;
  bus: ActionBus;
  pictures: Pick<PictureStore, "address">;
  /** Absent if each picture is stored by itself. */
  bundles?: Pick<PictureBundles, "addressOf">;
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
  const started: Promise<void>[] = [];
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
 * is announced again.
 */
async function announceAction(
  { action, event }: EnqueuedAction,
  deps: AnnouncePorts,
  timeoutMs = inlineTimeoutMs,
): Promise<void> {
  const reason = withholdingReason(action.wantAction, event.reports);
  if (reason !== null) return deps.actions.withhold(action.id, reason);
  await put(event, (announcing) => actionRequested(event, action, announcing), deps, timeoutMs);
  await deps.actions.markAnnounced(action.id);
}

/** Puts on the bus that an event was recorded, then takes it out of the outbox. It is announced again as an action is. */
async function announceEvent(event: StoredEvent, deps: AnnouncePorts, timeoutMs = inlineTimeoutMs): Promise<void> {
  await put(event, (announcing) => eventRecorded(event, announcing), deps, timeoutMs);
  await deps.eventOutbox.markAnnounced(event.id);
}

/**
 * Puts an entry about an event on the bus, once its photo has an address. If the address arrives too late, the box
 * already has its answer. A process may then be frozen, as on Lambda, and would put the entry on the bus hours later,
 * when the event may be erased or its action done.
 */
async function put(
  event: StoredEvent,
  entryOf: (announcing: Announcing) => BusEntry,
  deps: AnnouncePorts,
  timeoutMs: number,
): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`the bus took longer than ${timeoutMs} ms`)), timeoutMs);
  try {
    const addressOf = await Promise.race([addressesOf(event, deps), late.promise]);
    await Promise.race([deps.bus.put(entryOf({ addressOf, now: deps.clock() })), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function addressesOf(
  { id, reports }: StoredEvent,
  { pictures, bundles, photoLink }: AnnouncePorts,
): Promise<AddressOf> {
  const photo = announcedPhoto(reports);
  const own = bundles === undefined || photo === null ? null : await bundles.addressOf(photo.picture);
  return (month, kind, sha256) => {
    const address = own ?? pictures.address(month, kind, sha256);
    const link = photoLink?.({ id, sha256 }) ?? null;
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
