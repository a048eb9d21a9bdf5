import type { RecordListener, ReportStore } from "@gatepost/core/arrivals";
import { all } from "@gatepost/core/errors";
import type { Upsert, Written } from "@gatepost/core/events";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { scenesIn } from "@gatepost/core/retention";
import type { BoxStatusRecord } from "@gatepost/core/statuses";
import { monthOf, type Passing, type PictureFacts, type Report } from "@gatepost/protocol";
import type { ReceiverPorts } from "../ports.ts";

/** Stores the pictures of a passing, each by itself. Returns its report, which names the place of its scene. */
export async function writePictures(
  { report, pictures }: Passing,
  receivedAt: number,
  deps: ReceiverPorts,
): Promise<Report> {
  const month = monthOf(receivedAt);
  const monthFor = ({ keptDays }: PictureFacts) => (keptDays === undefined ? month : scenesIn(month));
  await all(
    [...pictures].map(([kind, picture]) =>
      watched("pictures", () => deps.pictures.put(monthFor(picture), kind, picture), deps.listeners),
    ),
  );
  const scene = report.pictures?.scene;
  if (scene?.keptDays === undefined) return report;
  return { ...report, pictures: { ...report.pictures, scene: { ...scene, month: monthFor(scene) } } };
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
