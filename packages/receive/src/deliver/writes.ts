import type { RecordListener, ReportStore } from "@gatepost/core/arrivals";
import type { Upsert, Written } from "@gatepost/core/events";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import type { BoxStatusRecord } from "@gatepost/core/statuses";
import type { Passing, Report } from "@gatepost/protocol";
import type { ReceiverPorts } from "../ports.ts";

/** Stores the pictures of a passing for its event. Returns the report for the index. */
export async function writePictures(
  passing: Passing,
  of: { eventId: string; box: string },
  { pictures, listeners }: ReceiverPorts,
): Promise<Report> {
  if (passing.pictures.size === 0) return passing.report;
  return watched("pictures", () => pictures.putAll(passing, of), listeners);
}

/** The commit point of an event. Throws BrokenRow if its row cannot be read. */
export async function writeEvent(entry: Upsert, { index, listeners }: ReceiverPorts): Promise<Written> {
  const written = await watched("index", () => index.upsert(entry), listeners);
  for (const listener of listeners) listener.event?.(entry, written);
  return written;
}

export async function writeBoxStatus(record: BoxStatusRecord, { boxStatus, listeners }: ReceiverPorts): Promise<void> {
  await boxStatus.put(record);
  for (const listener of listeners) listener.boxStatus?.(record);
}

export async function writeQuarantined(
  record: QuarantineRecord,
  { quarantine, listeners }: ReceiverPorts,
): Promise<void> {
  await watched("quarantine", () => quarantine.put(record), listeners);
  for (const listener of listeners) listener.quarantined?.(record);
}

/** Tells the listeners whether a store took a write, and how long that lasted. */
async function watched<Result>(
  store: ReportStore,
  write: () => Promise<Result>,
  listeners: readonly RecordListener[],
): Promise<Result> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  let result: Result;
  try {
    result = await write();
  } catch (cause) {
    for (const listener of listeners) listener.failed?.(store, seconds(), cause);
    throw cause;
  }
  for (const listener of listeners) listener.stored?.(store, seconds());
  return result;
}
