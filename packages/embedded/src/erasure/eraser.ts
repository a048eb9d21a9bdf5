import type { DatabaseSync } from "node:sqlite";
import {
  type ErasureProgress,
  type EventEraser,
  isCoveredByTime,
  noneErased,
  type PersonErasure,
  type PersonRecord,
  type PersonRecords,
} from "@gatepost/core/erasure";
import { type EventOfBox, type NewsWriter, newsOfEvents } from "@gatepost/core/events";
import type { Log } from "@gatepost/core/log";
import { eraseStatuses } from "@gatepost/core/statuses";
import { actionId, comparable, dayMs, parseStored, type StoredEvent, wantActions } from "@gatepost/protocol";
import type { Reserve, Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { emptyLog } from "../db/database.ts";
import type { SqliteItems } from "../db/items.ts";
import type { EventRows } from "../events/row.ts";
import type { Sequence } from "../events/sequence.ts";
import type { Pack } from "../pictures/pack.ts";
import { wholePack } from "../pictures/rows.ts";
import type { PicturePacks } from "../pictures/store.ts";
import { type EraserSql, eraserSql } from "./eraser-sql.ts";
import type { SqliteSuppression } from "./suppression.ts";

const idRow = z.object({ id: z.string() });
const boxRow = z.object({ box: z.string() });
const pictureRow = z.object({ month: z.string(), sha256: z.string() });
const erasureRow = z.object({ month: z.string(), position: z.int(), bytes: z.int() });

type Packs = Pick<PicturePacks, "find" | "remove"> & { pack(month: string): Promise<Pick<Pack, "erase">> };

interface Deps {
  packs: Packs;
  reserve: Reserve;
  suppression: SqliteSuppression;
  sequence: Sequence;
  rows: EventRows;
  /** They are also written on a full disk. */
  items: SqliteItems;
  personRecords: PersonRecords;
  log: Log;
  /** Tells readers of the feed. */
  news: NewsWriter;
  /** The earliest time that it may be, ms since 1970. */
  earliest(): number;
}

/** ms by which the clock may be ahead when an erasure is noted, and a little more. */
const maxAheadMs = 8 * dayMs;

/**
 * Events that one transaction erases, so that no report waits for long: their pages may have to be read from the disk.
 */
const batchSize = 20;

/** The counts of rows erased with an event, the pictures that other events show, and the event itself if it existed. */
interface Dropped {
  counts: Pick<ErasureProgress, "events" | "pictures" | "quarantine" | "outbox">;
  shared: string[];
  gone: EventOfBox[];
}

/**
 * Erases events: their rows, what quarantine has of them, and the bytes of pictures that no other event shows. With a
 * person, also the statuses of boxes about that person. The places to overwrite are stored in the same transaction, so
 * a crash cannot leave a picture behind.
 *
 * First the erasure is noted, so that no later report of them is stored. Then it waits for the reports that are being
 * stored already, and erases them too.
 */
export class Eraser implements EventEraser {
  readonly #database: DatabaseSync;
  readonly #sql: EraserSql;
  readonly #writer: Writer;
  readonly #packs: Packs;
  readonly #reserve: Reserve;
  readonly #suppression: SqliteSuppression;
  readonly #sequence: Sequence;
  readonly #rows: EventRows;
  readonly #items: SqliteItems;
  readonly #personRecords: PersonRecords;
  readonly #log: Log;
  readonly #news: NewsWriter;
  readonly #earliest: () => number;
  #count = 0;

  constructor(
    database: DatabaseSync,
    writer: Writer,
    { packs, reserve, suppression, sequence, rows, items, personRecords, log, news, earliest }: Deps,
  ) {
    this.#database = database;
    this.#writer = writer;
    this.#packs = packs;
    this.#reserve = reserve;
    this.#suppression = suppression;
    this.#sequence = sequence;
    this.#items = items;
    this.#personRecords = personRecords;
    this.#log = log;
    this.#news = news;
    this.#earliest = earliest;
    this.#rows = rows;
    this.#sql = eraserSql(database);
  }

  /** How many erasures there were since the start. */
  get count(): number {
    return this.#count;
  }

  async eraseEvent(id: string): Promise<boolean> {
    await this.#lookFor(this.#sql.lostOfEvent.all(id));
    const found = this.#sql.boxOf.get(id);
    if (found !== undefined) {
      const { box } = parseStored(boxRow, found, `event ${id}`);
      await this.#write(() => this.#suppression.note({ event: id }, box, this.#earliest()));
      await this.#suppression.settled();
    }
    const { counts, gone } = await this.#write(() => this.#drop(id));
    await this.#tell(gone);
    await this.#suppression.settled();
    // Also those of work that has read the event before.
    for (const pk of this.#visitsOf(id)) await this.#items.remove(pk);
    await this.finish();
    return counts.events === 1;
  }

  async withdraw(ids: readonly string[], isMeant: (event: StoredEvent) => boolean): Promise<number> {
    let removed = 0;
    for (let from = 0; from < ids.length; from += batchSize) {
      const some = ids.slice(from, from + batchSize);
      for (const id of some) await this.#lookFor(this.#sql.lostOfEvent.all(id));
      const isIn = (id: string) => {
        const event = this.#readable(id);
        return event !== null && isMeant(event);
      };
      const dropped = await this.#write(() => some.filter(isIn).map((id) => this.#dropEvent(id)));
      await this.#tell(dropped.flatMap(({ gone }) => gone));
      removed += dropped.length;
    }
    if (removed > 0) await this.finish();
    return removed;
  }

  coversUntil(askedAt: number): number {
    return Math.min(askedAt, this.#earliest());
  }

  recordsOf(person: string): Promise<PersonRecord[]> {
    return this.#personRecords.of(person);
  }

  async eraseSome(asked: PersonErasure, limit: number, before = noneErased): Promise<ErasureProgress> {
    const erasure = { ...asked, at: Math.min(asked.at, this.#earliest()) };
    const { person, box, at } = erasure;
    const key = comparable(person);
    if (before.upTo === null) await this.#lookFor(this.#sql.lostOfPerson.all(person, box, key));
    const upTo = before.upTo ?? String(await this.#begin(erasure));
    let progress: ErasureProgress = { ...before, upTo };
    for (let left = limit; left > 0 && !progress.isDone; left -= batchSize) {
      const limit = Math.min(left, batchSize);
      const rows = this.#sql.eventsOfPerson.all(person, box, Number(upTo), at, limit, key);
      const ids = rows.map((row) => parseStored(idRow, row, "an event").id);
      await this.#noteEvents(ids, at);
      const dropped = await this.#write(() => ids.map((id) => this.#drop(id)));
      await this.#tell(dropped.flatMap(({ gone }) => gone));
      progress = { ...dropped.reduce(added, progress), isDone: dropped.length < limit };
    }
    if (progress.isDone) await this.#eraseRecords(erasure);
    await this.finish();
    return progress.isDone ? this.#counted(progress) : progress;
  }

  async alongside<Result>(work: () => Promise<Result>): Promise<Result> {
    using _held = this.#suppression.hold();
    return await work();
  }

  /** Removes the records about a person whose events are gone, also the records of work that has read them before. */
  async #eraseRecords(erasure: PersonErasure): Promise<void> {
    await this.#suppression.settled();
    await this.#personRecords.erase(erasure);
  }

  /** Notes the erasure of a person. Returns the revision of the last change of any event before it. */
  async #begin({ person, box, at }: PersonErasure): Promise<number> {
    const last = await this.#write(() => {
      this.#suppression.note({ person, box }, box, at);
      return this.#sequence.last;
    });
    await this.#suppression.settled();
    await eraseStatuses({ person, box }, { items: this.#items, log: this.#log });
    return last;
  }

  /**
   * Notes the ids of events whose repeats would not count as erased by their time: the clock of the box was never set or
   * is ahead, or this machine's clock may be.
   */
  async #noteEvents(ids: readonly string[], at: number): Promise<void> {
    const uncovered = ids.filter((id) => !this.#isCovered(id, at));
    if (uncovered.length === 0) return;
    await this.#write(() => {
      for (const id of uncovered) this.#suppression.note({ event: id }, this.#boxOf(id), at);
    });
    await this.#suppression.settled();
  }

  #isCovered(id: string, at: number): boolean {
    const event = this.#readable(id);
    return event?.reports.every((report) => isCoveredByTime(report, at - maxAheadMs)) ?? false;
  }

  /** An event; null if there is none, or its row is broken. */
  #readable(id: string): StoredEvent | null {
    try {
      return this.#rows.read(id);
    } catch {
      return null;
    }
  }

  /** The box of an event; null, which means every box, if its row is broken. */
  #boxOf(id: string): string | null {
    return boxRow.safeParse(this.#sql.boxOf.get(id)).data?.box ?? null;
  }

  async #tell(gone: readonly EventOfBox[]): Promise<void> {
    await this.#news.tell(newsOfEvents(gone, this.#earliest(), (events) => ({ kind: "erased", events })));
  }

  /** Pictures that only erased events shared were erased and counted with the last of them. */
  #counted(progress: ErasureProgress): ErasureProgress {
    const isKept = (name: string) => this.#sql.isShown.get(...name.split("/", 2)) !== undefined;
    return { ...progress, shared: progress.shared.filter(isKept) };
  }

  /**
   * Finishes the erasures of a process that ended before. Call this if the log was empty when the folder was opened.
   */
  async finishLeft(): Promise<void> {
    if (this.#sql.erasures.get() !== undefined) await this.finish();
  }

  /** Overwrites all stored places. */
  async finish(): Promise<void> {
    this.#count += 1;
    for (const row of this.#sql.erasures.all()) {
      const { month, position, bytes } = parseStored(erasureRow, row, `erasure in ${row["month"]}`);
      await this.#reserve.run(() => this.#overwrite(month, position, bytes));
      await this.#write(() => this.#sql.dropErasure.run(month, position, bytes));
    }
    await this.#reserve.run(() => emptyLog(this.#database, this.#writer));
  }

  async #overwrite(month: string, position: number, bytes: number): Promise<void> {
    if (bytes === wholePack) return this.#packs.remove(month);
    const pack = await this.#packs.pack(month);
    // Once the pack of the month has begun again, other pictures are in this place.
    if (this.#sql.isLeft.get(month, position, bytes) !== undefined) await pack.erase(position, bytes);
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#reserve.write(this.#writer, work);
  }

  /** Reads lost pictures. If their pack was put back, they are found, and so they are erased too. */
  async #lookFor(lost: readonly Record<string, unknown>[]): Promise<void> {
    for (const row of lost) {
      const { month, sha256 } = parseStored(pictureRow, row, "a lost picture");
      await this.#packs.find(month, sha256);
    }
  }

  /** The keys of the visits of the actions that an event may have. */
  #visitsOf(id: string): string[] {
    return wantActions.map((want) => this.#personRecords.keyOf(actionId(id, want)));
  }

  #drop(id: string): Dropped {
    const dropped = this.#dropEvent(id);
    const quarantine = Number(this.#sql.dropQuarantine.run(id).changes);
    return { ...dropped, counts: { ...dropped.counts, quarantine } };
  }

  #dropEvent(id: string): Dropped {
    // A broken row is removed as well, and subscribers are not notified of it.
    const { data: there } = boxRow.safeParse(this.#sql.boxOf.get(id));
    const pictures = this.#sql.picturesOf.all(id).map((row) => parseStored(pictureRow, row, `event ${id}`));
    const outbox = Number(this.#sql.pendingOf.get(id)?.["n"]);
    const events = Number(this.#sql.dropEvent.run(id).changes);
    for (const pk of this.#visitsOf(id)) this.#items.removeNow(pk);
    const shared = pictures.filter(({ month, sha256 }) => {
      this.#sql.noteErasures.run(month, sha256);
      return this.#sql.dropPictures.run(month, sha256).changes === 0;
    });
    return {
      counts: { events, pictures: pictures.length - shared.length, quarantine: 0, outbox },
      shared: shared.map(({ month, sha256 }) => `${month}/${sha256}`),
      gone: there === undefined ? [] : [{ eventId: id, box: there.box }],
    };
  }
}

function added(progress: ErasureProgress, { counts, shared }: Dropped): ErasureProgress {
  return {
    ...progress,
    events: progress.events + counts.events,
    pictures: progress.pictures + counts.pictures,
    quarantine: progress.quarantine + counts.quarantine,
    outbox: progress.outbox + counts.outbox,
    shared: [...new Set([...progress.shared, ...shared])],
  };
}
