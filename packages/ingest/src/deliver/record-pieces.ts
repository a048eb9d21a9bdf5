import { Body } from "../decode/body.ts";
import { decode } from "../decode/decode.ts";
import { type Piece, type PieceLimits, piecesOf } from "../decode/pieces.ts";
import { maxReports, maxValues } from "../decode/values.ts";
import type { Ports } from "../ports/ports.ts";
import { asJson } from "./kept.ts";
import { type Origin, QuarantineShares } from "./quarantine.ts";
import { recordParts, recordWhole } from "./receive.ts";
import type { Outcome } from "./record.ts";

interface Taken {
  outcomes: Outcome[];
  /** Why the whole batch must still be kept; null where all of it is where it belongs. */
  left: string | null;
}

interface Batch {
  origin: Origin;
  shares: QuarantineShares;
}

/**
 * Takes a batch that is too long to be read at once to where it belongs, as many reports at a time as one body may have.
 * It ends at a piece of which more than half comes to nothing: a hostile batch has millions of such reports.
 */
export async function recordPieces(bytes: Buffer, delivered: Origin, deps: Ports): Promise<Taken> {
  const batch = { origin: { ...delivered, headers: asJson(delivered.headers) }, shares: new QuarantineShares() };
  const outcomes: Outcome[] = [];
  let pieces = 0;
  for await (const piece of piecesOf(bytes, { reports: maxReports, values: maxValues })) {
    const taken = await recordPiece(piece, batch, deps);
    outcomes.push(...taken);
    pieces += 1;
    if (isHopeless(taken)) return { outcomes, left: "too-many-reports" };
  }
  if (pieces === 0) return { outcomes, left: "too-many-values" };
  return { outcomes, left: batch.shares.areSpent ? batch.shares.reason : null };
}

/** What cannot be read at once is halved, down to the one report that is to blame. */
async function recordPiece({ body: bytes, reports }: Piece, batch: Batch, deps: Ports): Promise<Outcome[]> {
  const body = new Body(bytes);
  const decoded = decode(body, batch.origin.headers);
  if ("parts" in decoded) return recordParts(decoded.parts, batch, deps);
  if (reports > 1) return recordHalves(bytes, { reports: Math.ceil(reports / 2) }, batch, deps);
  if (!batch.shares.take()) return [{ event: null, quarantined: null }];
  return [await recordWhole(body, decoded.unreadable, batch.origin, deps)];
}

async function recordHalves(bytes: Buffer, limits: PieceLimits, batch: Batch, deps: Ports): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const half of piecesOf(bytes, limits)) outcomes.push(...(await recordPiece(half, batch, deps)));
  return outcomes;
}

function isHopeless(taken: readonly Outcome[]): boolean {
  return taken.filter(({ event }) => event !== null).length * 2 < taken.length;
}
