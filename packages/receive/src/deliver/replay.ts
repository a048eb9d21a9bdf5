import type { Outcome } from "@gatepost/core/arrivals";
import type { QuarantineRecord, RecordShape } from "@gatepost/core/quarantine";
import { Body } from "../decode/body.ts";
import { isExcess } from "../decode/limits.ts";
import type { ReceiverPorts } from "../ports.ts";
import { replaySlice } from "./long-batch.ts";
import { openReading } from "./reading.ts";
import { recordReading } from "./receive.ts";
import { hasShape } from "./understand.ts";

/**
 * Receives a quarantined body again, as if it arrived at its first time. Unreadable reports are kept again under the
 * same id. A batch that was too long to be read at once is recorded piece by piece.
 */
export async function replay(record: QuarantineRecord, deps: ReceiverPorts): Promise<Outcome[]> {
  return (await replayAtOnce(record, deps)) ?? replayLong(record, deps);
}

/** Null if the body is a batch of too many reports. */
async function replayAtOnce(
  { body: kept, ...record }: QuarantineRecord,
  deps: ReceiverPorts,
): Promise<Outcome[] | null> {
  const origin = { ...record, isReplay: true as const };
  using held = deps.room.hold(origin.box);
  using suppressed = await deps.suppression.of(origin.box);
  const delivered = { origin, erasures: suppressed.erasures };
  const body = new Body(Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength));
  using reading = await openReading(body, origin, { held, isReplay: true }, deps);
  return isExcess(reading.unreadable ?? "") ? null : await recordReading(reading, delivered, deps);
}

async function replayLong(record: QuarantineRecord, deps: ReceiverPorts): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let progress: unknown = null;
  do {
    const slice = await replaySlice(record, progress, deps, { ofBatch: Number.POSITIVE_INFINITY });
    for (const outcome of slice.outcomes) outcomes.push(outcome);
    progress = slice.progress;
  } while (progress !== null);
  return outcomes;
}

/** The shape that a kept report was given when it was delivered; null for any other record. It reads no more than one. */
export async function shapeOfKept(record: QuarantineRecord, deps: ReceiverPorts): Promise<RecordShape | null> {
  if (!hasShape(record.reason)) return null;
  using held = deps.room.hold(record.box);
  const body = new Body(Buffer.from(record.body));
  using reading = await openReading(body, { ...record, isReplay: true }, { held, isReplay: true }, deps);
  const [report] = reading.reports === 1 ? await reading.next() : [];
  report?.release();
  const { shape = null } = report?.reason === record.reason ? await report.kept() : {};
  return shape;
}
