import { setTimeout as sleep } from "node:timers/promises";
import { announce } from "@gatepost/core/actions";
import type { Outcome, Quarantined } from "@gatepost/core/arrivals";
import type { Erasures } from "@gatepost/core/erasure";
import { all } from "@gatepost/core/errors";
import type { Upsert, Written } from "@gatepost/core/events";
import { type EventType, isExpected } from "@gatepost/core/paths";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { eventLifetimeOf, withKeptDays } from "@gatepost/core/retention";
import {
  actionId,
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
  /** The type of event that belongs to the path. Null or absent if any does, and in a replay. */
  takes?: EventType | null;
  /** Whether live reports come first: then a few are recorded at a time. */
  isPaced?: boolean;
}

/** Reports of a paced batch at a time. Live reports wait for so many at most. */
const fewAtOnce = 8;

/**
 * ms of the pause after each few if boxes deliver. Some hundred new events are indexed at once, and live ones wait for
 * that: with more reports a second, more than one in a hundred would.
 */
const pauseBesideLiveMs = 30;

/** Without a delivery for so many ms, a pause is as long as the few have taken. */
const quietMs = 2000;

/**
 * Stores each report as an event, as a box status or in quarantine: all at the same time, or paced. Once it resolves,
 * they are durable.
 */
export async function recordReports(
  reports: readonly Understood[],
  batch: Batch,
  deps: ReceiverPorts,
): Promise<Outcome[]> {
  if (batch.isPaced !== true) return recordAtOnce(reports, batch, deps);
  const outcomes: Outcome[] = [];
  for (let from = 0; from < reports.length; from += fewAtOnce) {
    const began = performance.now();
    outcomes.push(...(await recordAtOnce(reports.slice(from, from + fewAtOnce), batch, deps)));
    // Without them, live reports are handled by other processes.
    if (deps.largeBodies === undefined) continue;
    const isQuiet = Number(deps.arrivals?.quietMs) > quietMs;
    await sleep(Math.max(performance.now() - began, isQuiet ? 0 : pauseBesideLiveMs));
  }
  return outcomes;
}

/**
 * Records reports at the same time. Those about the same passing are written in their order, no matter whose pictures are
 * stored first: if two contradict each other, the first counts.
 */
async function recordAtOnce(reports: readonly Understood[], batch: Batch, deps: ReceiverPorts): Promise<Outcome[]> {
  const prepared = await all(reports.map((one) => prepare(one, batch, deps)));
  const lastOf = new Map<string, Promise<Outcome>>();
  return all(
    prepared.map((report) => {
      if (!("passing" in report.understood)) return recordReport(report, deps);
      const { eventId } = report.understood.passing;
      const written = (lastOf.get(eventId) ?? Promise.resolve()).then(() => recordReport(report, deps));
      lastOf.set(eventId, written);
      return written;
    }),
  );
}

/** Stores the pictures of a report, and decides whether it is kept by itself. */
async function prepare(
  one: Understood,
  { shares, erasures, takes = null }: Batch,
  deps: ReceiverPorts,
): Promise<Prepared> {
  const { origin, understood, reason, release } = one;
  if ("passing" in understood && erasures.include(understood.passing, origin)) {
    release();
    return { ...one, understood: { isSuppressed: true }, keepFor: null, mapping: null };
  }
  // Decided before anything is awaited, so that the speed of a store does not change which parts are kept by
  // themselves.
  const keepFor = reason !== null && shares.take() ? reason : null;
  if (reason !== keepFor) shares.leave(one.source);
  const stored = await withEnrolledName(
    await storePictures(withUnexpected(understood, takes), origin, deps),
    origin,
    deps,
  );
  return { ...one, understood: stored, keepFor };
}

/** The same, noted if its dialect does not belong to the path that it was posted to. */
function withUnexpected(understood: Interpretation, takes: EventType | null): Interpretation {
  if (takes === null || !("passing" in understood) || isExpected(understood.passing.report.dialect, takes))
    return understood;
  const { passing } = understood;
  return { ...understood, passing: { ...passing, report: { ...passing.report, unexpectedAt: takes.type } } };
}

/** Records a report whose pictures are durable. */
async function recordReport(report: Prepared, deps: ReceiverPorts): Promise<Outcome> {
  const { origin, understood, answer, mapping } = report;
  const also = { ...(answer !== null && { answer }), ...(mapping !== null && { mapping }) };
  if ("isSuppressed" in understood) return { event: null, quarantined: null, isSuppressed: true, ...also };
  if ("passing" in understood) return { ...(await recordPassing(understood, report, deps)), ...also };
  if ("unreadable" in understood) return { event: null, quarantined: await keep(report, null, deps), ...also };
  const { enrolled, boxStatus } = understood;
  const { box, receivedAt } = origin;
  if (enrolled !== undefined) await deps.terminals?.enrol(box, enrolled);
  await writeBoxStatus({ box, kind: boxStatus.kind, receivedAt, report: boxStatus.report }, deps);
  return { event: null, quarantined: await keep(report, null, deps), isNotice: true, ...also };
}

/**
 * Writes the event of a passing, and announces its action. On a conflict (the event has another face by a report of this
 * kind) writes a separate event. If the row of the event is broken, that is the outcome. Another broken row may be needed
 * for each report, and quarantine has room for some of them only: then the store fails.
 */
async function recordPassing(
  { passing, report }: PassingStored,
  prepared: Prepared,
  deps: ReceiverPorts,
): Promise<Outcome> {
  const { origin, release } = prepared;
  const found = { eventId: origin.event?.id ?? passing.eventId, isSecondFace: false, report };
  let entry = entryOf(passing, found, origin, deps);
  let written: Written;
  try {
    written = await writeEvent(entry, deps);
    if (written.outcome === "conflict") {
      const { twinId } = passing;
      const stored = await writePictures({ ...passing, report }, { eventId: twinId, box: origin.box }, deps);
      const second = { eventId: twinId, isSecondFace: true, firstFace: entry.eventId, report: stored };
      entry = entryOf(passing, second, origin, deps);
      written = await writeEvent(entry, deps);
    }
  } catch (error) {
    if (!(error instanceof BrokenRow) || error.event !== entry.eventId) throw error;
    release();
    return { event: null, quarantined: null, broken: { eventId: entry.eventId, cause: error } };
  }
  release();
  await announce(entry, written, deps);
  const quarantined = await keep(prepared, { id: entry.eventId, fingerprint: passing.fingerprint }, deps);
  return { event: { id: entry.eventId, kind: passing.report.kind, outcome: written.outcome }, quarantined };
}

/** Keeps a report with its keys masked, if it must be kept by itself. */
async function keep(
  { kept, origin, keepFor }: Prepared,
  event: QuarantineRecord["event"],
  deps: ReceiverPorts,
): Promise<Quarantined | null> {
  if (keepFor === null) return null;
  const { bytes, headers, ...shape } = await kept();
  return quarantine(bytes, keepFor, { ...origin, headers }, { event, ...shape }, deps);
}

function entryOf(
  { fingerprint, earlier }: Passing,
  found: Pick<Upsert, "eventId" | "isSecondFace" | "firstFace" | "report">,
  { box, receivedAt, event }: Origin,
  deps: ReceiverPorts,
): Upsert {
  const { eventId, report } = found;
  const wanted = requestedAction(report);
  return {
    ...found,
    box,
    fingerprint,
    earlierFingerprint: earlier?.fingerprint,
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
async function withEnrolledName(stored: Stored, { box }: Origin, { terminals }: ReceiverPorts): Promise<Stored> {
  if (!("passing" in stored) || stored.passing.enrolledAs === undefined) return stored;
  const name = await terminals?.nameOf(box, stored.passing.enrolledAs);
  return name == null ? stored : { ...stored, report: { ...stored.report, person: { ...stored.report.person, name } } };
}

async function storePictures(understood: Interpretation, origin: Origin, deps: ReceiverPorts): Promise<Stored> {
  if (!("passing" in understood)) return understood;
  const passing = withKeptDays(understood.passing, deps.settings.sceneDays);
  const place = { eventId: origin.event?.id ?? passing.eventId, box: origin.box };
  return { passing, report: await writePictures(passing, place, deps) };
}
