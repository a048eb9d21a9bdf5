import { Body } from "../decode/body.ts";
import { isExcess } from "../decode/limits.ts";
import type { Ports, ReceiverPorts } from "../ports/ports.ts";
import type { QuarantineRecord } from "../ports/quarantine.ts";
import type { Outcome } from "./outcome.ts";
import { openReading } from "./reading.ts";
import { recordLeft, recordReading } from "./receive.ts";
import { recordPieces } from "./record-pieces.ts";

/**
 * Receives a quarantined body again, as if it came at its first time. What is still not understood is kept again under
 * the same id. A batch that was too long to be read at once is recorded piece by piece.
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

/** The ports of receiving that the API may use: it stores nothing itself, and only replays what was kept. */
export function portsForApi(ports: Ports) {
  const { keys, authRateLimiter, refusals, log, clock } = ports;
  return { keys, authRateLimiter, refusals, log, clock, replay: (record: QuarantineRecord) => replay(record, ports) };
}
