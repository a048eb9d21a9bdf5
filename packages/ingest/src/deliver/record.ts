import { actionId, type BoxStatus, BrokenRow, isCheckBox, type Passing, requestedAction } from "@gatepost/protocol";
import { announce } from "../announce/announce.ts";
import type { Erasures } from "../erasures.ts";
import { eventLifetimeOf } from "../lifetime.ts";
import type { Upsert, Written } from "../ports/event-index.ts";
import type { ReceiverPorts } from "../ports/ports.ts";
import type { QuarantineRecord } from "../ports/quarantine.ts";
import { all } from "./all.ts";
import type { BatchLimit } from "./batch-limit.ts";
import type { Origin } from "./origin.ts";
import type { Outcome, Quarantined } from "./outcome.ts";
import { type QuarantineShares, quarantine } from "./quarantine.ts";
import { type PassingStored, type Stored, storePictures } from "./store-pictures.ts";
import type { Understood } from "./understand.ts";

/** A report of a body whose pictures are durable, understood or not. */
interface Prepared extends Omit<Understood, "understood"> {
  understood: Stored | { isSuppressed: true };
  /** Why this report is kept by itself as it was sent; null if it is not. */
  keepFor: string | null;
}

/**
 * Where the parts of a body come from, how many of them quarantine may still keep, and which passings must not be
 * stored.
 */
export interface Batch {
  origin: Origin;
  shares: QuarantineShares;
  erasures: Erasures;
  /** Absent in a replay, which records everything. */
  limit?: BatchLimit;
}

/** Stores one report of a body as an event, as a box status or in quarantine. Once it resolves, it is durable. */
export async function record(one: Understood, batch: Batch, deps: ReceiverPorts): Promise<Outcome> {
  return commit(await prepare(one, batch, deps), deps);
}

/**
 * Records reports of one batch at the same time. Those about the same passing are written in the order of the batch, no
 * matter whose pictures are stored first: where two contradict each other, the first counts.
 */
export async function recordBatch(
  understood: readonly Understood[],
  batch: Batch,
  deps: ReceiverPorts,
): Promise<Outcome[]> {
  const [only] = understood;
  if (only !== undefined && understood.length === 1) return [await record(only, batch, deps)];
  const prepared = await all(understood.map((one) => prepare(one, batch, deps)));
  const lastOf = new Map<string, Promise<Outcome>>();
  return all(
    prepared.map((one) => {
      if (!("passing" in one.understood)) return commit(one, deps);
      const { eventId } = one.understood.passing;
      const written = (lastOf.get(eventId) ?? Promise.resolve()).then(() => commit(one, deps));
      lastOf.set(eventId, written);
      return written;
    }),
  );
}

async function prepare(one: Understood, { shares, erasures }: Batch, deps: ReceiverPorts): Promise<Prepared> {
  const { origin, understood, reason, release } = one;
  if ("passing" in understood && erasures.include(understood.passing, origin)) {
    release();
    return { ...one, understood: { isSuppressed: true }, keepFor: null };
  }
  // Decided before anything is awaited, so that the speed of a store does not change which parts are kept by
  // themselves.
  const keepFor = reason !== null && shares.take() ? reason : null;
  if (reason !== keepFor && !erasures.areNone) shares.leave(one.source);
  const stored = await storePictures(understood, origin, deps);
  // With bundles the pictures are still needed where the event turns out to be another one.
  if ("passing" in stored && deps.bundles === undefined) release();
  return { ...one, understood: stored, keepFor };
}

async function commit(prepared: Prepared, deps: ReceiverPorts): Promise<Outcome> {
  const { origin, understood, release } = prepared;
  if ("isSuppressed" in understood) return { event: null, quarantined: null, isSuppressed: true };
  if ("unreadable" in understood) return { event: null, quarantined: await keep(prepared, null, deps) };
  if ("boxStatus" in understood) return putBoxStatus(understood.boxStatus, origin, deps);
  const { passing } = understood;
  const { entry, written } = await index(understood, origin, deps);
  if (deps.bundles !== undefined) release();
  if (written instanceof BrokenRow)
    return { event: null, quarantined: null, broken: { eventId: entry.eventId, cause: written } };
  await announce(entry, written, deps);
  const quarantined = await keep(prepared, { id: entry.eventId, fingerprint: passing.fingerprint }, deps);
  const { kind } = passing.report;
  return { event: { id: entry.eventId, kind, outcome: written.outcome }, quarantined };
}

/** Keeps a report with its keys masked, if it is to be kept by itself. */
async function keep(
  { kept, origin, keepFor, shape }: Prepared,
  event: QuarantineRecord["event"],
  deps: ReceiverPorts,
): Promise<Quarantined | null> {
  if (keepFor === null) return null;
  const { bytes, headers } = await kept();
  return quarantine(bytes, keepFor, { ...origin, headers }, { event, ...(shape !== null && { shape }) }, deps);
}

async function putBoxStatus(
  { kind, report }: BoxStatus,
  { box, receivedAt }: Origin,
  deps: ReceiverPorts,
): Promise<Outcome> {
  await deps.boxStatus.put({ box, kind, receivedAt, report });
  return { event: null, quarantined: null, isNotice: true };
}

/**
 * Writes the event, or gives its row where that is broken. Another row that is broken may be needed for each report, and
 * quarantine has room for some of them only: that is a store that fails.
 */
async function upsert(entry: Upsert, deps: ReceiverPorts): Promise<Written | BrokenRow> {
  try {
    return await deps.index.upsert(entry);
  } catch (error) {
    if (error instanceof BrokenRow && error.event === entry.eventId) return error;
    throw error;
  }
}

/** Writes the event. On a conflict (the event has another face by a report of this kind) writes an event of its own. */
async function index(
  { passing, report }: PassingStored,
  origin: Origin,
  deps: ReceiverPorts,
): Promise<{ entry: Upsert; written: Written | BrokenRow }> {
  const found = { eventId: origin.event?.id ?? passing.eventId, isSecondFace: false, report };
  const entry = entryOf(passing, found, origin, deps);
  const written = await upsert(entry, deps);
  if (written instanceof BrokenRow || written.outcome !== "conflict") return { entry, written };
  const { twinId } = passing;
  // Each event has its pictures in bundles of its own.
  const own = deps.bundles === undefined ? report : await deps.bundles.put(passing, twinId, entry);
  const twin = entryOf(passing, { eventId: twinId, isSecondFace: true, report: own }, origin, deps);
  return { entry: twin, written: await upsert(twin, deps) };
}

function entryOf(
  { fingerprint }: Passing,
  { eventId, isSecondFace, report }: Pick<Upsert, "eventId" | "isSecondFace" | "report">,
  { box, receivedAt, event }: Origin,
  deps: ReceiverPorts,
): Upsert {
  const wanted = requestedAction(report);
  return {
    eventId,
    box,
    isSecondFace,
    report,
    fingerprint,
    replaces: event?.fingerprint ?? null,
    action: wanted && {
      id: actionId(eventId, wanted.wantAction),
      at: new Date(receivedAt).toISOString(),
      ...wanted,
    },
    isAwaited: deps.settings.announceEvents && !isCheckBox(box),
    now: deps.clock(),
    expiresAt: receivedAt + eventLifetimeOf(box, deps.settings),
  };
}
