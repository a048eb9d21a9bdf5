import { Body } from "../decode/body.ts";
import { utf8Of } from "../decode/open.ts";
import { isExcess } from "../decode/values.ts";
import type { ReceiverPorts } from "../ports/ports.ts";
import type { QuarantineRecord } from "../ports/quarantine.ts";
import type { Outcome } from "./outcome.ts";
import { read, recordDecoded, recordLeft } from "./receive.ts";
import { recordPieces } from "./record-pieces.ts";

/**
 * Receives a quarantined body again, as if it came at its first time. What is still not understood is kept again under
 * the same id. A batch that was too long to be read at once is recorded piece by piece.
 */
export async function replay({ body: kept, ...origin }: QuarantineRecord, deps: ReceiverPorts): Promise<Outcome[]> {
  using held = deps.room.hold(origin.box);
  using suppressed = await deps.suppression.of(origin.box);
  const delivered = { origin, erasures: suppressed.erasures };
  const body = new Body(Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength));
  const decoded = await read(body, origin, held);
  if ("parts" in decoded || !isExcess(decoded.unreadable)) return await recordDecoded(body, decoded, delivered, deps);
  const bytes = await utf8Of(body, origin.headers, held);
  const { outcomes, left, batch } = await recordPieces(bytes, delivered, deps);
  return left === null ? outcomes : [...outcomes, await recordLeft(body, left, { ...batch, origin }, deps, outcomes)];
}
