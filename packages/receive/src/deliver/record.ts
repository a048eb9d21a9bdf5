import { announce } from "@gatepost/core/actions";
import type { Outcome, Quarantined } from "@gatepost/core/arrivals";
import type { Erasures } from "@gatepost/core/erasure";
import { all } from "@gatepost/core/errors";
import type { Upsert, Written } from "@gatepost/core/events";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { eventLifetimeOf, withKeptDays } from "@gatepost/core/retention";
import {
  actionId,
  type BoxStatus,
  BrokenRow,
  type Interpretation,
  isCheckBox,
  type Passing,
  type Report,
  requestedAction,
} from "@gatepost/protocol";
import type { ReceiverPorts } from "../ports.ts";
import type { Origin } from "./kept.ts";
import { type QuarantineShares, quarantine } from "./quarantine.ts";
import type { Understood } from "./understand.ts";
import { writeBoxStatus, writeEvent, writePictures } from "./writes.ts";

/** Counts how much of one batch is recorded before its answer. */
export class BatchLimit {
  readonly #until: number;
  readonly #deps: Pick<ReceiverPorts, "clock" | "longBatches">;
  #values = 0;

  /** @param until ms since 1970; undefined if the time has no limit */
  constructor(until = Number.POSITIVE_INFINITY, deps: Pick<ReceiverPorts, "clock" | "longBatches">) {
    this.#until = until;
    this.#deps = deps;
  }

  /** Counts recorded reports. Returns whether the rest of the batch must wait. */
  isReachedWith(recorded: readonly Understood[]): boolean {
    const { longBatches, clock } = this.#deps;
    if (longBatches === undefined) return false;
    for (const { values } of recorded) this.#values += values;
    return this.#values >= longBatches.maxValues || clock() >= this.#until;
  }
}

/** A report of a body whose pictures are durable, understood or not. */
interface Prepared extends Omit<Understood, "understood"> {
  understood: Stored | { isSuppressed: true };
  /** Why this report is kept by itself as it was sent; null if it is not. */
  keepFor: string | null;
}

/**
 * The origin of the parts of a body, how many of them quarantine may still keep, and the passings that must not be
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
 * Records reports of one batch at the same time. Reports about the same passing are written in the order of the batch,
 * no matter whose pictures are stored first: if two contradict each other, the first counts.
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
  const stored = await withEnrolledName(await storePictures(understood, origin, deps), origin, deps);
  // With bundles the pictures are still needed if the event turns out to be another one.
  if ("passing" in stored && deps.bundles === undefined) release();
  return { ...one, understood: stored, keepFor };
}

async function commit(prepared: Prepared, deps: ReceiverPorts): Promise<Outcome> {
  const outcome = await commitReport(prepared, deps);
  return prepared.answer === null ? outcome : { ...outcome, answer: prepared.answer };
}

async function commitReport(prepared: Prepared, deps: ReceiverPorts): Promise<Outcome> {
  const { origin, understood, release } = prepared;
  if ("isSuppressed" in understood) return { event: null, quarantined: null, isSuppressed: true };
  if ("unreadable" in understood) return { event: null, quarantined: await keep(prepared, null, deps) };
  if ("boxStatus" in understood) {
    if (understood.enrolled !== undefined) await deps.enrolled.put(origin.box, understood.enrolled);
    return putBoxStatus(understood.boxStatus, origin, deps);
  }
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

/** Keeps a report with its keys masked, if it must be kept by itself. */
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
  await writeBoxStatus({ box, kind, receivedAt, report }, deps);
  return { event: null, quarantined: null, isNotice: true };
}

/**
 * Writes the event, or returns its row if that is broken. Another broken row may be needed for each report, and
 * quarantine has room for some of them only: then the store fails.
 */
async function writeOrBroken(entry: Upsert, deps: ReceiverPorts): Promise<Written | BrokenRow> {
  try {
    return await writeEvent(entry, deps);
  } catch (error) {
    if (error instanceof BrokenRow && error.event === entry.eventId) return error;
    throw error;
  }
}

/** Writes the event. On a conflict (the event has another face by a report of this kind) writes a separate event. */
async function index(
  { passing, report }: PassingStored,
  origin: Origin,
  deps: ReceiverPorts,
): Promise<{ entry: Upsert; written: Written | BrokenRow }> {
  const found = { eventId: origin.event?.id ?? passing.eventId, isSecondFace: false, report };
  const entry = entryOf(passing, found, origin, deps);
  const written = await writeOrBroken(entry, deps);
  if (written instanceof BrokenRow || written.outcome !== "conflict") return { entry, written };
  const { twinId } = passing;
  // Each event has its pictures in separate bundles.
  const own = deps.bundles === undefined ? report : await deps.bundles.put(passing, twinId, entry);
  const twin = entryOf(passing, { eventId: twinId, isSecondFace: true, report: own }, origin, deps);
  return { entry: twin, written: await writeOrBroken(twin, deps) };
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
    isAwaited: isAnnounced(report, deps) && !isCheckBox(box),
    now: deps.clock(),
    expiresAt: receivedAt + eventLifetimeOf(box, deps.settings),
  };
}

/** Whether the bus receives the event of a report: if all are announced, or browsers are notified of it. */
function isAnnounced({ person }: Report, { settings, notifiesOf }: ReceiverPorts): boolean {
  return settings.announceEvents || (person?.type !== undefined && notifiesOf?.(person.type) === true);
}

/** A passing whose pictures are durable, and its report as the index is to store it. */
interface PassingStored {
  passing: Passing;
  report: Report;
}

/** The meaning of a report whose pictures are durable. */
type Stored = Exclude<Interpretation, { passing: Passing }> | PassingStored;

/** The same with the name of the person, if the terminal sends it apart. */
async function withEnrolledName(stored: Stored, { box }: Origin, { enrolled }: ReceiverPorts): Promise<Stored> {
  if (!("passing" in stored) || stored.passing.enrolledAs === undefined) return stored;
  const { terminal, person } = stored.passing.enrolledAs;
  const name = await enrolled.of(box, terminal, person);
  return name === null
    ? stored
    : { ...stored, report: { ...stored.report, person: { ...stored.report.person, name } } };
}

async function storePictures(understood: Interpretation, origin: Origin, deps: ReceiverPorts): Promise<Stored> {
  if (!("passing" in understood)) return understood;
  const { receivedAt, event } = origin;
  const passing = withKeptDays(understood.passing, deps.settings.sceneDays);
  if (deps.bundles !== undefined) {
    return { passing, report: await deps.bundles.put(passing, event?.id ?? passing.eventId) };
  }
  return { passing, report: await writePictures(passing, receivedAt, deps) };
}
