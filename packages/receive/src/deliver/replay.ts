import type { Outcome } from "@gatepost/core/arrivals";
import type { LimitedKey, QuarantineRecord, RecordShape, TaughtBody } from "@gatepost/core/quarantine";
import type { Mapping } from "@gatepost/protocol";
import { Body } from "../decode/body.ts";
import { isExcess } from "../decode/limits.ts";
import type { Ports, ReceiverPorts } from "../ports.ts";
import { sampleOf } from "../samples/sample.ts";
import { replaySlice, replaySliceOf } from "./long-batch.ts";
import { openReading } from "./reading.ts";
import { recordReading } from "./receive.ts";
import { decodeForTeaching, tryMapping } from "./teaching.ts";
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
async function shapeOfKept(record: QuarantineRecord, deps: ReceiverPorts): Promise<RecordShape | null> {
  if (!hasShape(record.reason)) return null;
  using held = deps.room.hold(record.box);
  const body = new Body(Buffer.from(record.body));
  using reading = await openReading(body, { ...record, isReplay: true }, { held, isReplay: true }, deps);
  const [report] = reading.reports === 1 ? await reading.next() : [];
  report?.release();
  const { shape = null } = report?.reason === record.reason ? await report.kept() : {};
  return shape;
}

/**
 * The ports of receiving that the API may use: it stores nothing itself, only replays kept bodies, and announces what
 * people decide.
 */
export function portsForApi(ports: Ports) {
  const { keys, authRateLimiter, refusals, bus, settings, log, clock } = ports;
  return {
    keys,
    authRateLimiter,
    refusals,
    bus,
    log,
    clock,
    announcesEvents: settings.announceEvents,
    replay: (record: QuarantineRecord) => replay(record, ports),
    shapeOf: (record: QuarantineRecord) => shapeOfKept(record, ports),
    async sample(record: TaughtBody, others: AsyncIterable<QuarantineRecord>) {
      using held = ports.room.hold(record.box);
      return await sampleOf(record, others, { held, forms: ports.terminals?.forms });
    },
    decoded: (record: TaughtBody) => decodeForTeaching(record, ports),
    tryMapping: (record: TaughtBody, mapping: Mapping) => tryMapping(record, mapping, ports),
    replayBatch: (record: QuarantineRecord, { progress, key }: { progress: unknown; key?: LimitedKey | undefined }) =>
      replaySliceOf(key, record, progress, ports),
  };
}
