import { createSecretKey, type KeyObject } from "node:crypto";
import { type ImportedEvent, withoutPlaces } from "@gatepost/core/imports";
import { type LeavingEvent, type LeavingStore, withoutPicture } from "@gatepost/embedded";
import { Failure } from "../failure.ts";
import type { Progress } from "../jobs/wait.ts";
import { chunked, forEachInFlight, TaskLimiter } from "./gate.ts";
import type { MigrationProgress } from "./progress.ts";
import { type MigrationTarget, type Taken, TooLarge, wentOf } from "./target.ts";

/** Events of one request. */
const batchSize = 25;

/** Events that are noted in one write to the disk before they are sent. */
const noteSize = 500;

/** Batches that are sent side by side, and the bytes of all of them. */
const maxBatches = 100;
const maxBatchBytes = 32 * 1024 * 1024;

/** Pictures that are sent side by side. Each is in memory as bytes and as base64. */
const maxPictures = 100;
const maxPictureBytes = 64 * 1024 * 1024;

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
  /** Pictures whose bytes are lost here, or that are too large for the other Gatepost. */
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
  const moved: EventsMoved = { events: 0, pictures: 0, left: 0, conflicts: [], held: 0 };
  const total = source.changesAfter(progress.revision, clock());
  const sending = new Sending(moving, moved, { isLast });
  const gate = new TaskLimiter({ maxTasks: maxBatches, maxBytes: maxBatchBytes });
  const bytesOf = ({ events }: Batch) => JSON.stringify(events).length;
  let done = 0;
  try {
    await forEachInFlight(sending.batches(), { gate, bytesOf }, async (batch) => {
      await sending.send(batch);
      done += batch.found;
      onProgress?.({ done, of: Math.max(done, total) });
    });
  } finally {
    sending.noteArrived();
  }
  if (isLast) await moveHeld(moving, moved);
  return moved;
}

interface Batch {
  events: ImportedEvent[];
  /** How many events were read for it, also those that wait. */
  found: number;
  /** The revision of its last event. */
  revision: number;
}

/** Sends batches side by side, and notes up to which revision all events went. */
class Sending {
  readonly #moving: Moving;
  readonly #moved: EventsMoved;
  readonly #isLast: boolean;
  readonly #secret: KeyObject;
  /** In the order of their revisions; the first one has not arrived. */
  readonly #batches: { revision: number; hasArrived: boolean }[] = [];
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #pictures = new TaskLimiter({ maxTasks: maxPictures, maxBytes: maxPictureBytes });
  #arrived: number;

  constructor(moving: Moving, moved: EventsMoved, { isLast }: { isLast: boolean }) {
    this.#moving = moving;
    this.#moved = moved;
    this.#isLast = isLast;
    this.#secret = secretOf(moving);
    this.#arrived = moving.progress.revision;
  }

  /** Reads the events that changed, as batches are asked for. */
  *batches(): Iterable<Batch> {
    const { source, clock } = this.#moving;
    for (let revision = this.#arrived; ; ) {
      const found = source.events(revision, noteSize, clock());
      const last = found.at(-1);
      if (last === undefined) return;
      revision = last.revision;
      this.#noteGoing(found.filter((event) => this.#isGoing(event)));
      for (const some of chunked(found, batchSize)) {
        const events = some.filter((event) => this.#isGoing(event)).map(({ event }) => bare(event));
        this.#moved.held += some.length - events.length;
        yield { events, found: some.length, revision: some.at(-1)?.revision ?? revision };
      }
    }
  }

  /** Sends a batch. An event that changed while it was under way is sent once it has arrived. */
  async send({ events, revision }: Batch): Promise<void> {
    const batch = { revision, hasArrived: false };
    this.#batches.push(batch);
    const before = events.flatMap(({ id }) => this.#underWay.get(id) ?? []);
    const sent = Promise.all(before).then(() => this.#move(events));
    for (const { id } of events) this.#underWay.set(id, sent);
    await sent;
    for (const { id } of events) if (this.#underWay.get(id) === sent) this.#underWay.delete(id);
    batch.hasArrived = true;
    while (this.#batches[0]?.hasArrived === true) this.#arrived = this.#batches.shift()?.revision ?? this.#arrived;
  }

  /** Notes up to which revision all events arrived. */
  noteArrived(): void {
    this.#moving.progress.note([], this.#arrived);
  }

  #isGoing({ isPending }: LeavingEvent): boolean {
    return this.#isLast || !isPending;
  }

  /** Notes events before they are sent: if this is interrupted and one is erased here, it must be erased there, too. */
  #noteGoing(going: readonly LeavingEvent[]): void {
    const { progress, clock } = this.#moving;
    const events = going.map(({ event }) => wentOf(event, this.#secret, clock()));
    progress.note(events, this.#arrived);
  }

  #move(events: readonly ImportedEvent[]): Promise<void> {
    return moveBatch(events, { ...this.#moving, pictures: this.#pictures }, this.#moved);
  }
}

/** Sends the events that were left out while they waited. */
async function moveHeld(moving: Moving, moved: EventsMoved): Promise<void> {
  const { source, clock, progress } = moving;
  const secret = secretOf(moving);
  const pictures = new TaskLimiter({ maxTasks: maxPictures, maxBytes: maxPictureBytes });
  for (const id of source.pending()) {
    const found = source.event(id, clock());
    if (found === null) continue;
    progress.note([wentOf(found.event, secret, clock())], progress.revision);
    await moveBatch([bare(found.event)], { ...moving, pictures }, moved);
  }
}

/** The key of the names of erasures. */
function secretOf({ source }: Moving): KeyObject {
  return createSecretKey(source.erasures().secret);
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

type MovingPictures = Moving & { pictures: TaskLimiter };

async function moveBatch(events: readonly ImportedEvent[], moving: MovingPictures, moved: EventsMoved): Promise<void> {
  let left = events;
  for (let round = 0; left.length > 0; round++) {
    if (round === maxRounds) throw new Failure(`pictures of ${left[0]?.id} are not taken; run the command again`);
    const { taken } = await bringEvents(left, moving.target);
    const again: Promise<ImportedEvent>[] = [];
    for (const [index, one] of taken.entries()) {
      const event = left[index];
      if (event === undefined) break;
      if (one.outcome === "pictures") again.push(movePictures(event, one, moving, moved));
      else if (one.outcome === "conflict") moved.conflicts.push(event.id);
      else moved.events += 1;
    }
    left = await Promise.all(again);
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
  { source, target, pictures }: MovingPictures,
  moved: EventsMoved,
): Promise<ImportedEvent> {
  const gone: { report: string; sha256: string }[] = [];
  const move = async (of: Missing) => {
    const data = await source.picture(of.month, of.sha256);
    const picture = data && { ...of, data: data.toString("base64") };
    if (picture !== null && (await target.takes({ picture }))) moved.pictures += 1;
    else gone.push(of);
  };
  await Promise.all(missing.map((of) => pictures.run(bytesInMemory(event, of), () => move(of))));
  moved.left += gone.length;
  const reports = event.reports.map(({ report, fingerprint }) => {
    const ofReport = gone.filter((one) => one.report === report.kind);
    return { report: ofReport.reduce((left, { sha256 }) => withoutPicture(left, sha256), report), fingerprint };
  });
  return { ...event, reports };
}

type Missing = NonNullable<Taken["missing"]>[number];

/** Bytes that a picture takes while it is sent: as it is, and twice as base64. */
function bytesInMemory({ reports }: ImportedEvent, { sha256 }: Missing): number {
  const facts = reports.flatMap(({ report }) => Object.values(report.pictures ?? {}));
  return 4 * (facts.find((one) => one.sha256 === sha256)?.bytes ?? 0);
}
