import { type LeavingEvent, type LeavingStore, withoutPicture } from "@gatepost/embedded";
import { type ImportedEvent, withoutPlaces } from "@gatepost/query";
import { Failure } from "../failure.ts";
import type { Progress } from "../jobs.ts";
import { wentOf } from "./erased-here.ts";
import type { MigrationProgress } from "./progress.ts";
import { type MigrationTarget, type Taken, TooLarge } from "./target.ts";

/** Events of one request, and requests at the same time. */
const batchSize = 25;
const concurrency = 4;

/** Pictures of one event that are sent at the same time. */
const pictureConcurrency = 8;

/** How often an event is sent while its pictures go. */
const maxRounds = 3;

export interface Moving {
  source: LeavingStore;
  target: MigrationTarget;
  progress: MigrationProgress;
  clock(): number;
  onProgress?(events: Progress): void;
}

export interface EventsMoved {
  events: number;
  pictures: number;
  /** Pictures whose bytes are lost here, or that are larger than what is taken there. */
  left: number;
  /** Events of which another passing is there, by a report of the same kind. */
  conflicts: string[];
  /** Events that wait until their actions are announced here. */
  held: number;
}

/**
 * Sends all events that changed since the last time. Events with an unannounced action wait until it is announced,
 * unless `isLast`: then they are sent as they are, and the other Gatepost announces them.
 */
export async function moveEvents(moving: Moving, { isLast }: { isLast: boolean }): Promise<EventsMoved> {
  const { source, progress, clock, onProgress } = moving;
  const { secret } = source.erasures();
  const moved: EventsMoved = { events: 0, pictures: 0, left: 0, conflicts: [], held: 0 };
  const of = source.changesAfter(progress.revision, clock());
  for (let done = 0; ; ) {
    const found = source.events(progress.revision, batchSize * concurrency, clock());
    const last = found.at(-1);
    if (last === undefined) break;
    const going = isLast ? found : found.filter(({ isPending }) => !isPending);
    moved.held += found.length - going.length;
    const batches = Array.from({ length: Math.ceil(going.length / batchSize) }, (_, index) =>
      going.slice(index * batchSize, (index + 1) * batchSize).map(({ event }) => bare(event)),
    );
    const events = going.map(({ event }) => wentOf(event, secret, clock()));
    // Noted before they are sent: where this is interrupted and an event is erased here, it must be erased there, too.
    progress.note(events, progress.revision);
    await Promise.all(batches.map((batch) => moveBatch(batch, moving, moved)));
    progress.note(events, last.revision);
    done += found.length;
    onProgress?.({ done, of: Math.max(done, of) });
  }
  if (isLast) await moveHeld(moving, moved);
  return moved;
}

/** Sends the events that were left out while they waited. */
async function moveHeld(moving: Moving, moved: EventsMoved): Promise<void> {
  const { source, clock, progress } = moving;
  const { secret } = source.erasures();
  for (const id of source.pending()) {
    const found = source.event(id, clock());
    if (found === null) continue;
    progress.note([wentOf(found.event, secret, clock())], progress.revision);
    await moveBatch([bare(found.event)], moving, moved);
  }
}

/** The event without the places of its pictures in this store, and without pictures that are lost here. */
function bare(event: LeavingEvent["event"]): ImportedEvent {
  const reports = event.reports.map(({ report, fingerprint }) => {
    const lost = (report.flags ?? []).flatMap((flag) => /^picture-lost:(\w+)$/.exec(flag)?.[1] ?? []);
    const hashes = Object.entries(report.pictures ?? {}).filter(([kind]) => lost.includes(kind));
    const kept = hashes.reduce((left, [, { sha256 }]) => withoutPicture(left, sha256), report);
    return { report: withoutPlaces(kept), fingerprint };
  });
  return { ...event, reports };
}

async function moveBatch(events: readonly ImportedEvent[], moving: Moving, moved: EventsMoved): Promise<void> {
  let left = events;
  for (let round = 0; left.length > 0; round++) {
    if (round === maxRounds) throw new Failure(`pictures of ${left[0]?.id} are not taken; run the command again`);
    const { taken } = await bringEvents(left, moving.target);
    const again: ImportedEvent[] = [];
    for (const [index, one] of taken.entries()) {
      const event = left[index];
      if (event === undefined) break;
      if (one.outcome === "pictures") again.push(await movePictures(event, one, moving, moved));
      else if (one.outcome === "conflict") moved.conflicts.push(event.id);
      else moved.events += 1;
    }
    left = again;
  }
}

/** Sends events, and halves a batch that is too large for one request. */
async function bringEvents(events: readonly ImportedEvent[], target: MigrationTarget): Promise<{ taken: Taken[] }> {
  try {
    return await target.bring({ events });
  } catch (error) {
    if (!(error instanceof TooLarge) || events.length < 2) throw error;
    const half = events.length >> 1;
    const parts = [await bringEvents(events.slice(0, half), target), await bringEvents(events.slice(half), target)];
    return { taken: parts.flatMap(({ taken }) => taken) };
  }
}

/** Sends the pictures that are missing there. Returns the event without those that could not go. */
async function movePictures(
  event: ImportedEvent,
  { missing = [] }: Taken,
  { source, target }: Moving,
  moved: EventsMoved,
): Promise<ImportedEvent> {
  const gone: { report: string; sha256: string }[] = [];
  for (let from = 0; from < missing.length; from += pictureConcurrency) {
    await Promise.all(
      missing.slice(from, from + pictureConcurrency).map(async (of) => {
        const data = await source.picture(of.month, of.sha256);
        if (data !== null && (await isBrought({ ...of, data: data.toString("base64") }, target))) moved.pictures += 1;
        else gone.push(of);
      }),
    );
  }
  moved.left += gone.length;
  const reports = event.reports.map(({ report, fingerprint }) => {
    const ofReport = gone.filter((one) => one.report === report.kind);
    return { report: ofReport.reduce((left, { sha256 }) => withoutPicture(left, sha256), report), fingerprint };
  });
  return { ...event, reports };
}

async function isBrought(picture: object, target: MigrationTarget): Promise<boolean> {
  try {
    await target.bring({ picture });
    return true;
  } catch (error) {
    if (error instanceof TooLarge) return false;
    throw error;
  }
}
