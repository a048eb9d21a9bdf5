import { jsonIn } from "@gatepost/protocol";
import type { Reading } from "../ports/large-bodies.ts";
import type { ReceiverPorts } from "../ports/ports.ts";
import { batchTooLong } from "../ports/quarantine.ts";
import { asJson } from "./kept.ts";
import type { Outcome } from "./outcome.ts";
import { quarantine } from "./quarantine.ts";
import type { Batch } from "./record.ts";
import type { Understood } from "./understand.ts";

/**
 * Keeps the unread part of a long batch as one record, and starts a job that replays it. Passings in it that were erased
 * are left out. The record is written first: a job without its record would end at once.
 */
export async function keepRest(reading: Reading, batch: Batch, deps: ReceiverPorts): Promise<Outcome[]> {
  const { box, ...origin } = batch.origin;
  const list: Buffer[] = [];
  const outcomes: Outcome[] = [];
  for (let some = await reading.next(); some.length > 0; some = await reading.next()) {
    for (const one of some) {
      if (isSuppressed(one, batch)) outcomes.push({ event: null, quarantined: null, isSuppressed: true });
      else list.push(Buffer.from(list.length === 0 ? "[" : ","), await elementOf(one));
    }
  }
  if (list.length === 0) return outcomes;
  const bytes = Buffer.concat([...list, Buffer.from("]")]);
  const from = { ...origin, box, headers: asJson(origin.headers) };
  const record = await quarantine(bytes, batchTooLong, from, { event: null }, deps);
  await deps.longBatches?.replayLater({ id: record.id, box });
  return [...outcomes, { event: null, quarantined: record }];
}

function isSuppressed({ understood, origin }: Understood, { erasures }: Batch): boolean {
  return "passing" in understood && erasures.include(understood.passing, origin);
}

/** A report as an element of a JSON list: as quarantine keeps it if that is JSON, else the same as a text. */
async function elementOf(one: Understood): Promise<Buffer> {
  const { bytes } = await one.kept();
  const text = Buffer.from(bytes).toString();
  return Buffer.from(jsonIn(text) === undefined ? JSON.stringify(text) : text);
}
