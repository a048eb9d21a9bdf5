import type { Outcome } from "@gatepost/core/arrivals";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { piecesOfTable } from "@gatepost/protocol";
import { type Piece, type PieceLimits, piecesOf } from "../decode/batch.ts";
import { Body } from "../decode/body.ts";
import { isExcess, maxReports, maxValues } from "../decode/limits.ts";
import { isJson } from "../decode/table.ts";
import type { Ports, ReceiverPorts } from "../ports.ts";
import { asJson } from "./kept.ts";
import { QuarantineShares } from "./quarantine.ts";
import { openReading } from "./reading.ts";
import { type Delivered, recordLeft, recordReading, recordReports, recordWhole } from "./receive.ts";
import type { Batch } from "./record.ts";
import { iclockRequest } from "./request.ts";

/**
 * Receives a quarantined body again, as if it arrived at its first time. Unreadable reports are kept again under the
 * same id. A batch that was too long to be read at once is recorded piece by piece.
 */
export async function replay({ body: kept, ...record }: QuarantineRecord, deps: ReceiverPorts): Promise<Outcome[]> {
  const origin = { ...record, isReplay: true as const };
  using held = deps.room.hold(origin.box);
  using suppressed = await deps.suppression.of(origin.box);
  const delivered = { origin, erasures: suppressed.erasures };
  const body = new Body(Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength));
  using reading = await openReading(body, origin, { held, isReplay: true }, deps);
  if (reading.unreadable === null || !isExcess(reading.unreadable))
    return await recordReading(reading, delivered, deps);
  const { outcomes, left, batch } = await recordPieces(await reading.utf8(), delivered, deps);
  return left === null
    ? outcomes
    : [...outcomes, await recordLeft(reading, left, { ...batch, origin }, deps, outcomes)];
}

/**
 * The ports of receiving that the API may use: it stores nothing itself, only replays kept bodies, and announces what
 * people decide.
 */
export function portsForApi(ports: Ports) {
  const { keys, authRateLimiter, refusals, unknownTerminals, bus, settings, log, clock } = ports;
  return {
    ...{ keys, authRateLimiter, refusals, unknownTerminals, bus, log, clock },
    announcesEvents: settings.announceEvents,
    replay: (record: QuarantineRecord) => replay(record, ports),
  };
}

interface Taken {
  outcomes: Outcome[];
  /** Why the whole batch must still be kept; null if everything in it is recorded. */
  left: string | null;
  batch: Batch;
}

/**
 * Records a batch that is too long to be read at once, as many reports at a time as one body may have. Stops at a piece
 * whose reports mostly give no event: a hostile batch has millions of such reports.
 */
async function recordPieces(
  bytes: Buffer,
  { origin: { headers, ...origin }, erasures }: Delivered,
  deps: ReceiverPorts,
): Promise<Taken> {
  const batch = { origin: { ...origin, headers: asJson(headers) }, erasures, shares: new QuarantineShares() };
  const outcomes: Outcome[] = [];
  let pieces = 0;
  let isOver = false;
  for await (const piece of piecesIn(bytes, origin.path)) {
    if (isOver) {
      batch.shares.leave(async () => piece.body);
      await batch.shares.settle();
      continue;
    }
    const taken = await recordPiece(piece, batch, deps);
    outcomes.push(...taken);
    pieces += 1;
    isOver = isHopeless(taken);
    // If nothing in it was erased, the batch is kept as it is, and the rest need not be read.
    if (isOver && !outcomes.some(({ isSuppressed }) => isSuppressed)) break;
  }
  if (pieces === 0) return { outcomes, left: "too-many-values", batch };
  if (isOver) return { outcomes, left: "too-many-reports", batch };
  return { outcomes, left: batch.shares.areSpent ? batch.shares.reason : null, batch };
}

function piecesIn(bytes: Buffer, path: string): AsyncIterable<Piece> | Iterable<Piece> {
  const isTable = iclockRequest(path.split("/").slice(1)) !== null && !isJson(bytes);
  return isTable ? piecesOfTable(bytes) : piecesOf(bytes, { reports: maxReports, values: maxValues });
}

/** Halves a piece that cannot be read, down to the single report that is the reason. */
async function recordPiece({ body: bytes, reports }: Piece, batch: Batch, deps: ReceiverPorts): Promise<Outcome[]> {
  using held = deps.room.hold(batch.origin.box);
  using reading = await openReading(new Body(bytes), batch.origin, { held, isReplay: true }, deps);
  if (reading.unreadable === null) return await recordReports(reading, batch, deps);
  if (reports > 1) return await recordHalves(bytes, { reports: Math.ceil(reports / 2) }, batch, deps);
  if (batch.shares.take()) return [await recordWhole(reading, reading.unreadable, batch.origin, deps)];
  if (!batch.erasures.areNone) batch.shares.leave(async () => bytes);
  await batch.shares.settle();
  return [{ event: null, quarantined: null }];
}

async function recordHalves(bytes: Buffer, limits: PieceLimits, batch: Batch, deps: ReceiverPorts): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const half of piecesOf(bytes, limits)) outcomes.push(...(await recordPiece(half, batch, deps)));
  return outcomes;
}

function isHopeless(taken: readonly Outcome[]): boolean {
  const meant = taken.filter(({ isSuppressed }) => !isSuppressed);
  return meant.filter(({ event }) => event !== null).length * 2 < meant.length;
}
