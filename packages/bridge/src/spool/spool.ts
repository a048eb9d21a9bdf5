import { dirname, join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { parseStored } from "@gatepost/protocol";
import { isBusy, isFull, Reserve, Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { SpoolCounts } from "./counts.ts";
import { DeadLetters } from "./dead-letters.ts";
import { DiskRoom } from "./disk-room.ts";
import { Pieces } from "./pieces.ts";
import type { EventKey, RefusedPart, Spooled, SpooledRequest } from "./request.ts";
import { sizeRow, waitingRow } from "./row.ts";
import { openSpoolFile } from "./schema.ts";
import { SeenEvents } from "./seen-events.ts";
import { SpoolClock } from "./spool-clock.ts";

const triesRow = z.object({ tries: z.int() });

/** Counts how often the first report of each box has failed since another one was tried, also across restarts. */
export class Failures {
  readonly #note: StatementSync;

  constructor(database: DatabaseSync) {
    // The count has its own table: changing the row of a report would write its body again.
    this.#note = database.prepare(
      `INSERT INTO failures VALUES (?, ?, 1) ON CONFLICT DO UPDATE
         SET tries = iif(report = excluded.report, tries + 1, 1), report = excluded.report
       RETURNING tries`,
    );
  }

  /** Call this within a transaction. Returns how often it has failed so far. */
  note(box: string, report: number): number {
    return parseStored(triesRow, this.#note.get(box, report), `the failures of ${box}`).tries;
  }
}

/** ms between two tries, and how many there are. */
const pauseMs = 20;
const maxTries = 500;

/**
 * Writes to a file that another program may have locked for a moment. Between its tries the process does other work.
 */
export async function untilFree<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      if (!isBusy(error) || tries === maxTries) throw error;
    }
    await sleep(pauseMs);
  }
}

const oldestRow = z.object({ id: z.int(), box: z.string(), at: z.int(), bytes: z.int() });
const versionRow = z.object({ data_version: z.int() });

export interface SpoolLimits {
  /** Most bytes of all waiting bodies together. */
  maxBytes: number;
  /** Most ms that a report waits. */
  maxAge: number;
}

/** The outcome for a dead letter that should be sent again. */
export type SentAgain = "waiting" | "gone" | "no-room";

/**
 * Holds the reports that wait for the cloud: durable, in order for each box, limited in bytes and age. A second program
 * may open the same file. Each of its changes is one transaction; `changed` shows it here.
 */
export class Spool {
  readonly counts: SpoolCounts;
  readonly seenEvents: SeenEvents;
  readonly deadLetters: DeadLetters;
  readonly #pieces: Pieces;
  readonly #failures: Failures;
  readonly #age: SpoolClock;
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #reserve: Reserve;
  readonly #room: DiskRoom;
  readonly #limits: SpoolLimits;
  readonly #clock: () => number;
  readonly #insert: StatementSync;
  readonly #first: StatementSync;
  readonly #oldest: StatementSync;
  readonly #remove: StatementSync;
  readonly #sum: StatementSync;
  readonly #version: StatementSync;
  #bytes = 0;
  #seen: number;

  /** @param elapsed ms since any fixed moment, by a clock that cannot be set */
  constructor(file: string, limits: SpoolLimits, clock: () => number, elapsed?: () => number) {
    this.#reserve = new Reserve(join(dirname(file), "reserve"));
    const database = this.#reserve.runSync(() => openSpoolFile(file));
    this.#database = database;
    this.#room = new DiskRoom(dirname(file), database);
    this.#writer = new Writer(database, { afterRollback: () => this.#recount() });
    this.#limits = limits;
    this.#clock = clock;
    this.counts = new SpoolCounts(database);
    this.seenEvents = new SeenEvents(database);
    this.#pieces = new Pieces(database);
    this.deadLetters = new DeadLetters(database, this.#pieces);
    this.#failures = new Failures(database);
    this.#age = new SpoolClock(database, clock, elapsed);
    this.#insert = database.prepare(
      `INSERT INTO reports (box, at, bytes, path, content_type, content_encoding, body, pieces, receipt)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#first = database.prepare("SELECT * FROM reports WHERE box = ? AND id > ? ORDER BY id LIMIT 1");
    this.#oldest = database.prepare("SELECT id, box, at, bytes FROM reports ORDER BY id LIMIT 1");
    this.#remove = database.prepare("DELETE FROM reports WHERE id = ? RETURNING bytes");
    this.#sum = database.prepare("SELECT coalesce(sum(bytes), 0) AS bytes FROM reports");
    this.#version = database.prepare("PRAGMA data_version");
    this.#seen = this.#currentVersion();
    this.#recount();
  }

  /** Bytes of all waiting bodies. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the clock is trusted: then old data may be removed. */
  get mayRemove(): boolean {
    return this.#age.mayRemove;
  }

  /**
   * Writes a report. It is durable once this resolves. Reports that were removed to make room are counted.
   *
   * @param seen the event key of an SE5's event, to recognise it later; `isResumeMark`: everything before it was taken
   * too
   */
  async append(report: SpooledRequest, seen: (EventKey & { isResumeMark: boolean }) | null = null): Promise<void> {
    const { box, path, contentType, contentEncoding, body, receipt = null } = report;
    const write = (kept: Uint8Array, pieces: number | null) =>
      this.#write(() => {
        const facts = [box, this.#clock(), body.length, path, contentType, contentEncoding];
        this.#insert.run(...facts, kept, pieces, receipt);
        this.#bytes += body.length;
        if (seen !== null) this.seenEvents.add(box, seen);
        this.#makeRoom();
      });
    try {
      await this.#room.with(body.length, () =>
        this.#pieces.isLarge(body.length)
          ? this.#pieces.add(
              body,
              (work) => this.#write(work),
              (pieces) => write(new Uint8Array(), pieces),
            )
          : write(body, null),
      );
    } finally {
      await this.#trySweep();
    }
  }

  /**
   * The report of a box to send next, or the next one after another; null if there is none. A large body is not read:
   * see `whole`.
   */
  next(box: string, after = 0): Spooled | null {
    const row = this.#first.get(box, after);
    return row === undefined ? null : parseStored(waitingRow, row, `spooled report ${row["id"]}`);
  }

  /** The same with its body, which is read over several turns if it is large. */
  async nextWhole(box: string, after = 0): Promise<Spooled | null> {
    for (;;) {
      const report = this.next(box, after);
      if (report === null || report.pieces === null) return report;
      const body = await this.#pieces.read(report.pieces, report.bytes);
      // A report that was removed meanwhile, to make room, is not sent.
      if (body !== null) return { ...report, body };
    }
  }

  /** Removes a report that the cloud has accepted, completely or in part. The refused parts become dead letters. */
  async settle(report: Spooled, refusals: readonly RefusedPart[]): Promise<void> {
    await this.#writeSurely(() => {
      // It may have been removed meanwhile, to make room.
      const removed = this.#remove.get(report.id);
      if (removed !== undefined) this.#bytes -= parseStored(sizeRow, removed, `spooled report ${report.id}`).bytes;
      for (const refusal of refusals) this.#refuse(report, refusal);
      if (refusals.length === 0) this.counts.add(report.box, "sent", 1);
    });
    await this.#trySweep();
  }

  /**
   * Notes that a report was not accepted. Resolves with how often that has happened since another report of its box was
   * tried.
   */
  noteFailure({ box, id }: Spooled): Promise<number> {
    return this.#writeSurely(() => this.#failures.note(box, id));
  }

  /** Puts a dead letter back, after all waiting reports of its box. It is durable once this resolves. */
  sendAgain(id: number): Promise<SentAgain> {
    return this.#write(() => {
      this.changed();
      const refused = this.deadLetters.head(id);
      if (refused === null) return "gone";
      if (this.#bytes + refused.bytes > this.#limits.maxBytes) return "no-room";
      this.deadLetters.sendAgain(id, this.#clock());
      this.#bytes += refused.bytes;
      return "waiting";
    });
  }

  /** Removes a dead letter for good. Resolves with whether there was one. */
  drop(id: number): Promise<boolean> {
    return this.#writeSurely(() => this.deadLetters.drop(id));
  }

  /** Whether another program has changed the file since the last call. */
  changed(): boolean {
    const version = this.#currentVersion();
    if (version === this.#seen) return false;
    this.#seen = version;
    this.#recount();
    return true;
  }

  /** Notes the clock, and removes reports that waited too long. Call it each minute. */
  async expire(): Promise<void> {
    await this.#writeSurely(() => {
      this.#age.note();
      this.#makeRoom();
    });
    // Another program, or a process that has ended, may have left bodies that nothing names.
    await this.#sweep();
  }

  /** Stores the time up to which everything that an SE5 saw was taken. */
  setResumeMark(box: string, at: number): Promise<void> {
    return this.#write(() => this.seenEvents.setResumeMark(box, at));
  }

  /**
   * Reserves room on the disk for writes that must succeed when it is full. Only the bridge calls this, from time to
   * time.
   */
  reserveRoom(): Promise<void> {
    return this.#reserve.fill();
  }

  async close(): Promise<void> {
    await this.#writer.idle();
    this.#database.close();
  }

  /** Removes large bodies whose reports are gone. */
  #sweep(): Promise<void> {
    return this.#pieces.sweep((work) => this.#writeSurely(work));
  }

  /** A body that cannot be removed now is removed by the next expiry. */
  #trySweep(): Promise<void> {
    return this.#sweep().catch(() => undefined);
  }

  #makeRoom(): void {
    const { maxBytes, maxAge } = this.#limits;
    const tooOld = this.mayRemove ? this.#clock() - maxAge : Number.NEGATIVE_INFINITY;
    for (;;) {
      const row = this.#oldest.get();
      if (row === undefined) return;
      const oldest = parseStored(oldestRow, row, "the oldest spooled report");
      const reason = oldest.at < tooOld ? "dropped-age" : this.#bytes > maxBytes ? "dropped-space" : null;
      if (reason === null) return;
      this.#remove.get(oldest.id);
      this.#bytes -= oldest.bytes;
      this.counts.add(oldest.box, reason, 1);
    }
  }

  #refuse(report: Spooled, refusal: RefusedPart): void {
    this.counts.add(report.box, "refused", 1);
    for (const box of this.deadLetters.add(report, refusal, this.#clock())) this.counts.add(box, "dropped-aside", 1);
  }

  #recount(): void {
    this.#bytes = parseStored(sizeRow, this.#sum.get(), "the sum of spooled reports").bytes;
    this.deadLetters.recount();
  }

  #currentVersion(): number {
    return parseStored(versionRow, this.#version.get(), "data_version").data_version;
  }

  /**
   * Also writes on a full disk: reports that the cloud has must be removed, or they are sent for ever and no room is
   * freed.
   */
  #writeSurely<T>(work: () => T): Promise<T> {
    let tries = 0;
    return this.#reserve.run(async () => {
      tries += 1;
      const done = await this.#write(work);
      if (tries > 1) this.#copyLog();
      return done;
    });
  }

  /** Lets the log begin again in its file, so that the next writes need no more room. */
  #copyLog(): void {
    try {
      this.#database.exec("PRAGMA wal_checkpoint(RESTART)");
    } catch (error) {
      if (!isFull(error) && !isBusy(error)) throw error;
    }
  }

  #write<T>(work: () => T): Promise<T> {
    return untilFree(() => this.#writer.run(work));
  }
}
