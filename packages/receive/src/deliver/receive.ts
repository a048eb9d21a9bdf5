import type { Outcome, Quarantined, RecordListener } from "@gatepost/core/arrivals";
import { GatepostError, visible } from "@gatepost/core/errors";
import { masked } from "@gatepost/core/masking";
import { batchTooLong } from "@gatepost/core/quarantine";
import type { Admission } from "../auth/authenticate.ts";
import { Body, tooDense } from "../decode/body.ts";
import { isExcess } from "../decode/limits.ts";
import type { ReceiverPorts } from "../ports.ts";
import { asJson, type Kept, keptOfBody, listOf, type Origin } from "./kept.ts";
import type { Reading } from "./large-bodies.ts";
import { QuarantineShares, quarantine } from "./quarantine.ts";
import { openReading } from "./reading.ts";
import { type Batch, BatchLimit, recordReports } from "./record.ts";
import type { BoxRequest } from "./request.ts";
import type { Understood } from "./understand.ts";

/** Counts bytes that a body has in addition to the sent ones. Throws 429 if its key may not deliver so many. */
type CountBytes = (bytes: number) => void;

/**
 * Records the body of a request as events and quarantine records. Once it resolves, all of it is durable. Returns one
 * outcome for each report in it. Throws 413 if it unpacks to far more than anything real.
 *
 * @param takes see `Batch`
 */
export async function recordBody(
  { headers, body, recordUntil }: Pick<BoxRequest, "headers" | "body" | "recordUntil">,
  { box, path, key }: Admission,
  deps: ReceiverPorts,
  { countBytes, takes = null }: { countBytes: CountBytes; takes?: Batch["takes"] },
): Promise<Outcome[]> {
  const from = { box, path: masked(`/${path.join("/")}`), headers, receivedAt: deps.clock(), event: null };
  const origin = key === undefined ? from : { ...from, key };
  const sentBytes = body.bytes.length;
  using held = deps.room.hold(box);
  using suppressed = await deps.suppression.of(box);
  using reading = await openReading(body, origin, { held }, deps);
  if (reading.unreadable === tooDense) {
    throw new GatepostError("too-large", "a body may unpack to at most 200 times its size");
  }
  if (reading.bytes > sentBytes) countBytes(reading.bytes - sentBytes);
  const limit = new BatchLimit(recordUntil, deps);
  let isAnyStored = false;
  const noteStored = () => {
    isAnyStored = true;
  };
  const noting: RecordListener = {
    event: (_, { outcome }) => outcome !== "conflict" && noteStored(),
    boxStatus: noteStored,
    quarantined: noteStored,
  };
  const ports = { ...deps, listeners: [...deps.listeners, noting] };
  try {
    return await recordReading(reading, { origin, ...suppressed, limit, takes }, ports);
  } catch (error) {
    throw isAnyStored ? visible(error, "not all could be stored; send it again") : error;
  }
}

/** The origin of a body, the passings that must not be stored, and when the rest of it must wait. */
export type Delivered = Pick<Batch, "origin" | "erasures" | "limit" | "takes">;

/** Records the reports of a body, or keeps a body that cannot be read. */
export async function recordReading(reading: Reading, delivered: Delivered, deps: ReceiverPorts): Promise<Outcome[]> {
  const { origin } = delivered;
  if (reading.unreadable !== null) return [await recordUnread(reading, reading.unreadable, origin, deps)];
  const batch = { ...delivered, shares: new QuarantineShares({ isRestKept: !delivered.erasures.areNone }) };
  const outcomes = await recordReportsOf(reading, batch, deps);
  if (!batch.shares.areSpent) return outcomes;
  return [...outcomes, await recordLeft(reading, batch.shares.reason, batch, deps, outcomes)];
}

/** Keeps a body of too many reports for a job, if there are jobs and it does not come from one, and any other for a person. */
async function recordUnread(reading: Reading, reason: string, origin: Origin, deps: ReceiverPorts): Promise<Outcome> {
  const isLater = isExcess(reason) && deps.longBatches !== undefined && origin.isReplay === undefined;
  if (!isLater) return recordWhole(reading, reason, origin, deps);
  return { event: null, quarantined: await replayLater(await reading.whole(reason), origin, deps), isWholeBody: true };
}

/**
 * Records the reports of a body. Once the limit is reached, the rest is kept for a job. The body is also kept as a whole
 * if it has more than its reports, or if a stored event cannot be read: a box that is told to try again repeats that
 * report, and may send no other.
 */
export async function recordReportsOf(reading: Reading, batch: Batch, deps: ReceiverPorts): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let some = await reading.next(); some.length > 0; some = await reading.next()) {
    outcomes.push(...(await recordReports(some, batch, deps)));
    await batch.shares.settle();
    if (batch.limit?.isReachedWith(some)) {
      outcomes.push(...(await keepRest(reading, batch, deps)));
      break;
    }
  }
  const broken = new Map(outcomes.flatMap(({ broken: one }) => (one ? [[one.eventId, one.cause]] : [])));
  // The rest of the body may be about a person who was erased, as one of its reports is.
  const isAboutErased = outcomes.some(({ isSuppressed }) => isSuppressed);
  for (const cause of broken.values()) {
    // A quarantine record of a known event is not replaced: with its facts it can be replayed later.
    if (isAboutErased || batch.origin.event !== null) throw cause;
    deps.log.error("an event is broken: mend it and replay its quarantined reports, or erase it", { cause });
  }
  const reason = broken.size === 0 ? reading.keep : "event-broken";
  if (reason === undefined || isAboutErased) return outcomes;
  return [...outcomes, await recordWhole(reading, reason, batch.origin, deps, outcomes)];
}

/** Keeps a batch as a whole. If passings in it were erased, keeps only the parts that are not kept by themselves. */
async function recordLeft(
  reading: Reading,
  reason: string,
  { origin, shares }: Batch,
  deps: ReceiverPorts,
  outcomes: readonly Outcome[],
): Promise<Outcome> {
  if (!outcomes.some(({ isSuppressed }) => isSuppressed)) return recordWhole(reading, reason, origin, deps, outcomes);
  using held = deps.room.hold(origin.box);
  const how = { held, forms: deps.terminals?.forms };
  const rest = await keptOfBody(new Body(shares.rest), reason, asJson(origin.headers), how);
  return recordKept(rest, reason, origin, deps, outcomes);
}

/** @param others the outcomes of its reports so far */
export async function recordWhole(
  reading: Reading,
  reason: string,
  origin: Origin,
  deps: ReceiverPorts,
  others: readonly Outcome[] = [],
): Promise<Outcome> {
  return recordKept(await reading.whole(reason), reason, origin, deps, others);
}

async function recordKept(
  { bytes, headers }: Kept,
  reason: string,
  origin: Origin,
  deps: ReceiverPorts,
  others: readonly Outcome[],
): Promise<Outcome> {
  const events = new Set(others.flatMap(({ event, broken }) => event?.id ?? broken?.eventId ?? []));
  const origins = { event: null, ...(events.size === 0 ? {} : { eventsOfBatch: [...events] }) };
  const quarantined = await quarantine(bytes, reason, { ...origin, headers }, origins, deps);
  return { event: null, quarantined, isWholeBody: true };
}

/**
 * Keeps the unread part of a long batch as one record, and starts a job that replays it. Passings in it that were erased
 * are left out. The record is written first: a job without its record would end at once.
 */
async function keepRest(reading: Reading, batch: Batch, deps: ReceiverPorts): Promise<Outcome[]> {
  const { box, ...origin } = batch.origin;
  const list: Uint8Array[] = [];
  const outcomes: Outcome[] = [];
  for (let some = await reading.next(); some.length > 0; some = await reading.next()) {
    for (const report of some) {
      if (isSuppressed(report, batch)) outcomes.push({ event: null, quarantined: null, isSuppressed: true });
      else list.push((await report.kept()).bytes);
    }
  }
  if (list.length === 0) return outcomes;
  const from = { ...origin, box, headers: asJson(origin.headers) };
  return [
    ...outcomes,
    { event: null, quarantined: await replayLater({ bytes: listOf(list), headers: from.headers }, from, deps) },
  ];
}

/** Keeps reports as one record, and starts a job that replays it. */
async function replayLater(
  { bytes, headers }: Kept,
  { key, ...origin }: Origin,
  deps: ReceiverPorts,
): Promise<Quarantined> {
  const ofKey = key === undefined ? {} : { key };
  const record = await quarantine(bytes, batchTooLong, { ...origin, headers }, { event: null, ...ofKey }, deps);
  await deps.longBatches?.replayLater({ id: record.id, box: origin.box, ...ofKey });
  return record;
}

function isSuppressed({ understood, origin }: Understood, { erasures }: Batch): boolean {
  return "passing" in understood && erasures.include(understood.passing, origin);
}
