import { setImmediate as nextTurn } from "node:timers/promises";
import type { Outcome } from "@gatepost/core/arrivals";
import type { LimitedKey, QuarantineRecord } from "@gatepost/core/quarantine";
import { omitAbsent, omitEmpty, parseStored, secondMs } from "@gatepost/protocol";
import * as z from "zod/mini";
import {
  type BatchPlace,
  batchBegin,
  countReports,
  type Piece,
  type PieceLimits,
  piecesFrom,
  piecesOf,
  shapeOf,
} from "../decode/batch.ts";
import { Body } from "../decode/body.ts";
import { maxLaterReports, maxReports, maxValues } from "../decode/limits.ts";
import type { SentTable } from "../decode/terminal-forms.ts";
import type { ReceiverPorts } from "../ports.ts";
import { asJson, type Origin } from "./kept.ts";
import type { ReadAs, Reading } from "./large-bodies.ts";
import { newline, QuarantineShares, quarantine } from "./quarantine.ts";
import { openReading } from "./reading.ts";
import { recordReportsOf, recordWhole } from "./receive.ts";
import type { Batch } from "./record.ts";

/** Limits of a piece. It is read in a few ms, and all of it by the same erasures. */
const pieceLimits = { values: maxValues, bytes: 256 * 1024 };

/** ms after which a slice takes no further piece. */
const maxSliceMs = 5 * secondMs;

const span = z.object({ from: z.int(), to: z.int() });

/** How far a long batch is replayed, as its job keeps it. */
const batchProgress = z.object({
  /** How its reports are found: as in `BatchShape`, on the lines of a terminal, or by reading the whole body. */
  shape: z.union([z.enum(["lines", "sequence", "table", "whole"]), z.object({ root: span, lists: z.array(span) })]),
  place: z.object({ list: z.int(), at: z.int() }),
  of: z.int(),
  done: z.int(),
  /** How many reports gave neither an event nor a notice. */
  lost: z.int(),
  /** How many parts are kept one by one. */
  kept: z.int(),
  isSuppressed: z.boolean(),
  /** Why the body is kept as a whole after all of its reports are recorded. */
  keep: z.optional(z.string()),
});

type Progress = z.output<typeof batchProgress>;

/** The results of a slice. */
export interface BatchSlice {
  outcomes: Outcome[];
  /** How many reports. */
  taken: number;
  /** How many the batch has. */
  of: number;
  /** When its body was read (ms since 1970), before any report was recorded. */
  readAt: number;
  /** The place where the next slice continues; null after the last one. */
  progress: Progress | null;
}

/** The limits of a slice. */
interface SliceLimits {
  reports?: number;
  /** Most reports of a batch that is replayed at all. */
  ofBatch?: number;
}

/**
 * Replays some reports of a long batch, each as if it arrived at its first time. To repeat a slice does no harm. A batch
 * whose reports mostly give no event is left alone: a hostile one has a million of them. The rest of it is
 * kept: as a whole under the same id, or by itself.
 *
 * @param progress of the slice before; null for the first one
 */
export async function replaySlice(
  record: QuarantineRecord,
  progress: unknown,
  deps: ReceiverPorts,
  { reports = maxReports, ofBatch = maxLaterReports }: SliceLimits = {},
): Promise<BatchSlice> {
  const before = progress === null ? null : parseStored(batchProgress, progress, "the progress of a replay");
  const batch = await openBatch(record, before, reports, deps);
  const slice = new Slice(record, "unreadable" in batch ? begin("whole", 0) : batch.progress, deps);
  if ("unreadable" in batch) return slice.leave(batch.unreadable);
  if (batch.progress.of > ofBatch) return slice.leave("too-many-reports");
  // The last piece exceeds the limit by a tenth at most.
  const limits = { ...pieceLimits, reports: Math.ceil(Math.min(maxReports, reports) / 10) };
  const until = deps.clock() + maxSliceMs;
  for await (const piece of batch.pieces(limits)) {
    if (!(await slice.record(piece)) || slice.taken >= reports || deps.clock() >= until) break;
  }
  return slice.end(batch.rest);
}

/** The same, if the rate of the key allows it. `pauseMs`: it does not before so many ms. */
export async function replaySliceOf(
  key: LimitedKey | undefined,
  record: QuarantineRecord,
  progress: unknown,
  deps: ReceiverPorts,
): Promise<BatchSlice | { pauseMs: number }> {
  const meter = key === undefined ? null : ((await deps.keyMeters?.of(key)) ?? null);
  if (meter === null) return replaySlice(record, progress, deps);
  const { reports, pauseMs } = meter.spare;
  if (reports < 1) return { pauseMs };
  const slice = await replaySlice(record, progress, deps, { reports: Math.min(reports, maxReports) });
  meter.takeSpare(slice.taken);
  await meter.settle();
  return slice;
}

/** A long batch that is open for one slice. */
interface OpenBatch {
  progress: Progress;
  pieces(limits: PieceLimits): AsyncIterable<Piece> | Iterable<Piece>;
  /** The reports from a place on. */
  rest(place: BatchPlace): Promise<Buffer>;
}

const begin = (shape: Progress["shape"], of: number): Progress => ({
  shape,
  place: batchBegin,
  of,
  done: 0,
  lost: 0,
  kept: 0,
  isSuppressed: false,
});

async function openBatch(
  record: QuarantineRecord,
  before: Progress | null,
  reports: number,
  deps: ReceiverPorts,
): Promise<OpenBatch | { unreadable: string }> {
  if (before?.shape === "whole") return openWhole(record, before, reports, deps);
  const bytes = await reading("bytes", record, deps, (read) => read.utf8());
  const table = deps.terminals?.forms.tableAt(record.path, bytes) ?? null;
  if (table !== null) {
    return {
      progress: before ?? begin("table", await countLinesIn(table)),
      pieces: (limits) => piecesInTable(table, before?.place.at, limits),
      rest: async ({ at }) => bytes.subarray(at),
    };
  }
  const shape = before?.shape ?? (await shapeOf(bytes));
  if (shape === null || shape === "table") return openWhole(record, null, reports, deps);
  const from = (place: BatchPlace, limits: PieceLimits) => piecesFrom(bytes, shape, place, limits);
  return {
    progress: before ?? begin(shape, await countReports(bytes, shape)),
    pieces: (limits) => from(before?.place ?? batchBegin, limits),
    rest: async (place) => {
      const parts: Buffer[] = [];
      for await (const { body } of from(place, {})) parts.push(body);
      return joined(parts);
    },
  };
}

/** A batch in another form, such as a list in a field of a form. All of it is read for each slice. */
async function openWhole(
  record: QuarantineRecord,
  before: Progress | null,
  reports: number,
  deps: ReceiverPorts,
): Promise<OpenBatch | { unreadable: string }> {
  const place = before?.place.at ?? 0;
  return reading("many", record, deps, async (read) => {
    if (read.unreadable !== null) return { unreadable: read.unreadable };
    const list = await read.list(place, place + reports);
    return {
      progress: before ?? { ...begin("whole", read.reports), ...omitAbsent({ keep: read.keep }) },
      pieces: (limits) => piecesInList(list, place, limits),
      rest: ({ at }) => reading("many", record, deps, (again) => again.list(at, again.reports)),
    };
  });
}

/** Reads of a body. It is closed before its reports are recorded: other large bodies wait for that. */
async function reading<Result>(
  as: ReadAs,
  { body, ...origin }: QuarantineRecord,
  deps: ReceiverPorts,
  read: (of: Reading) => Promise<Result>,
): Promise<Result> {
  using held = deps.room.hold(origin.box);
  const sent = new Body(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  using of = await openReading(sent, { ...origin, isReplay: true }, { held, isReplay: true, as }, deps);
  return await read(of);
}

async function countLinesIn(table: SentTable): Promise<number> {
  let lines = 0;
  for await (const { reports } of piecesInTable(table, 0, {})) lines += reports;
  return lines;
}

async function* piecesInTable(table: SentTable, from: number | undefined, limits: PieceLimits): AsyncGenerator<Piece> {
  for (const { body, reports, to } of table.pieces(from, limits.reports)) {
    yield { body, reports, next: { list: 0, at: to } };
    await nextTurn();
  }
}

async function* piecesInList(list: Buffer, from: number, limits: PieceLimits): AsyncGenerator<Piece> {
  let at = from;
  for await (const piece of piecesOf(list, limits)) {
    at += piece.reports;
    yield { ...piece, next: { list: 0, at } };
  }
}

const joined = (parts: readonly Buffer[]) => Buffer.concat(parts.flatMap((part) => [part, newline]).slice(0, -1));

/** Records the pieces of one slice. */
class Slice {
  readonly #record: QuarantineRecord;
  readonly #deps: ReceiverPorts;
  readonly #origin: Origin;
  readonly #shares: QuarantineShares;
  readonly #outcomes: Outcome[] = [];
  readonly #before: Progress;
  readonly #readAt: number;
  #after: Progress;

  constructor(record: QuarantineRecord, before: Progress, deps: ReceiverPorts) {
    const { body: _, ...origin } = record;
    this.#record = record;
    this.#origin = { ...origin, headers: asJson(origin.headers), isReplay: true };
    this.#deps = deps;
    this.#shares = new QuarantineShares({ taken: before.kept, isRestKept: true });
    this.#before = before;
    this.#readAt = deps.clock();
    this.#after = before;
  }

  get taken(): number {
    return this.#after.done - this.#before.done;
  }

  /** Records a piece. False if that failed, and others were recorded before: the next slice tries again. */
  async record(piece: Piece): Promise<boolean> {
    try {
      await this.#take(piece);
      return true;
    } catch (cause) {
      if (this.taken === 0) throw cause;
      this.#deps.log.warn("a slice of a long batch was cut short, trying again", { box: this.#origin.box, cause });
      return false;
    }
  }

  async #take(piece: Piece): Promise<void> {
    using suppressed = await this.#deps.suppression.of(this.#origin.box);
    const batch = { origin: this.#origin, erasures: suppressed.erasures, shares: this.#shares, isPaced: true };
    const outcomes = await recordPiece(piece, batch, this.#deps);
    this.#outcomes.push(...outcomes);
    const { done, lost, isSuppressed } = this.#after;
    this.#after = {
      ...this.#after,
      place: piece.next,
      done: done + piece.reports,
      lost: lost + outcomes.filter(isLost).length,
      kept: this.#shares.taken,
      isSuppressed: isSuppressed || outcomes.some((outcome) => outcome.isSuppressed),
    };
  }

  /** Ends the slice. */
  async end(rest: OpenBatch["rest"]): Promise<BatchSlice> {
    const { of, done, lost, place, keep, isSuppressed } = this.#after;
    const isLast = done >= of;
    // Memory may have less room for it than before.
    if (!isLast && this.taken === 0) return this.leave("too-many-reports");
    const isHopeless = !isLast && done >= maxReports && lost * 2 > done;
    // Nothing that was erased may be kept, nor a report of an event whose erasure would not find the record.
    if (isHopeless && this.#before.done === 0 && !isSuppressed) return this.leave("too-many-reports");
    const left = this.#shares.rest;
    if (isHopeless) await this.#keep(joined([left, await rest(place)]), "too-many-reports");
    else if (left.length > 0) await this.#keep(left, this.#shares.reason);
    if (isHopeless || (isLast && (keep === undefined || isSuppressed))) return this.#ended(null);
    return isLast ? this.leave(String(keep)) : this.#ended(this.#after);
  }

  /** Keeps the batch as it is. */
  async leave(reason: string): Promise<BatchSlice> {
    const { body, headers } = this.#record;
    await this.#keep(body, reason, headers);
    return this.#ended(null);
  }

  #ended(progress: Progress | null): BatchSlice {
    return { outcomes: this.#outcomes, taken: this.taken, of: this.#after.of, readAt: this.#readAt, progress };
  }

  async #keep(bytes: Uint8Array, reason: string, headers = this.#origin.headers): Promise<void> {
    const events = new Set(this.#outcomes.flatMap(({ event }) => event?.id ?? []));
    const origins = { event: null, ...omitEmpty({ eventsOfBatch: [...events] }) };
    const quarantined = await quarantine(bytes, reason, { ...this.#origin, headers }, origins, this.#deps);
    this.#outcomes.push({ event: null, quarantined, isWholeBody: true });
  }
}

function isLost({ event, isSuppressed, isNotice }: Outcome): boolean {
  return event === null && isSuppressed !== true && isNotice !== true;
}

/** Halves a piece that cannot be read, down to the single report that is the reason. */
async function recordPiece(
  { body: bytes, reports }: Pick<Piece, "body" | "reports">,
  batch: Batch,
  deps: ReceiverPorts,
): Promise<Outcome[]> {
  using held = deps.room.hold(batch.origin.box);
  using read = await openReading(new Body(bytes), batch.origin, { held, isReplay: true }, deps);
  if (read.unreadable === null) return await recordReportsOf(read, batch, deps);
  if (reports > 1) return await recordHalves(bytes, { reports: Math.ceil(reports / 2) }, batch, deps);
  if (batch.shares.take()) return [await recordWhole(read, read.unreadable, batch.origin, deps)];
  batch.shares.leave(async () => bytes);
  await batch.shares.settle();
  return [{ event: null, quarantined: null }];
}

async function recordHalves(bytes: Buffer, limits: PieceLimits, batch: Batch, deps: ReceiverPorts): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const half of piecesOf(bytes, limits)) outcomes.push(...(await recordPiece(half, batch, deps)));
  return outcomes;
}
