import type { DatabaseSync, StatementSync } from "node:sqlite";
import { suppressionMs } from "@gatepost/core/erasure";
import { scenesIn } from "@gatepost/core/retention";
import { dayMs, monthOf, parseStored } from "@gatepost/protocol";
import type { Reader, Slack, Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { clearSlack, emptyLog } from "../db/database.ts";
import type { SqliteItems } from "../db/items.ts";
import { isIndexed, isNew } from "../events/new-events.ts";
import { isShown } from "../events/shown-pictures.ts";
import { wholePack } from "../pictures/rows.ts";
import type { PicturePacks } from "../pictures/store.ts";
import { isAsideAfter } from "../quarantine/pieces.ts";
import { DatedAhead, type DatedItems } from "./dated-ahead.ts";
import type { RetentionDays } from "./retention-days.ts";

/**
 * Most rows that one transaction removes, so that no report waits for long. Each index entry of an event is on another
 * page; bodies in quarantine are overwritten with zeros; the others are small.
 */
const batchSizes = { events: 25, quarantine: 4, others: 500 };

/**
 * Other months with pictures of which no event shows any. Finding the months takes one step through the index for each.
 */
const unshownMonths = `WITH RECURSIVE months (month) AS (
    SELECT min(month) FROM pictures
    UNION ALL SELECT (SELECT min(month) FROM pictures WHERE pictures.month > months.month) FROM months WHERE months.month IS NOT NULL
  )
  SELECT month FROM months WHERE month NOT IN (?1, ?2) AND NOT EXISTS (SELECT 1 FROM pictures WHERE month = months.month AND ${isShown})`;

/** The months of packs that have nothing but scenes. Each takes one step through the index. */
const sceneMonths = `WITH RECURSIVE months (month) AS (
    SELECT min(month) FROM pictures
    UNION ALL SELECT (SELECT min(month) FROM pictures WHERE pictures.month > months.month) FROM months WHERE months.month IS NOT NULL
  )
  SELECT month FROM months WHERE month LIKE '${scenesIn("%")}'`;

const monthRow = z.object({ month: z.string() });

/** The start and the end of the month of a pack, ms since 1970. */
function spanOf(month: string): [start: number, end: number] {
  const [year = 0, number = 0] = month.split("-").map(Number);
  return [Date.UTC(year, number - 1), Date.UTC(year, number)];
}

/**
 * True for records received up to ?1, except those that are being written (?3), and those that are set aside until later
 * than ?4. They count as expired meanwhile.
 */
const isDropped = `received_at <= ?1 AND quarantine.id NOT IN (SELECT value FROM json_each(?3)) AND NOT ${isAsideAfter("?4")}`;

/** ms until expired data has no trace in unused parts of the database either. For erased data it is an hour at most. */
const clearEveryMs = dayMs;

/** The set days, and how they count. */
type Days = Pick<RetentionDays, "eventLifetime" | "quarantineLifetime" | "apply" | "current" | "countedFrom">;

/** Counts that are kept for some time. */
interface Counted {
  removeOld(): Promise<unknown>;
}

/**
 * Removes expired rows: events, quarantine, counts, bus entries about boxes, items, notes of erasures, and the pack of
 * every past month of which no event shows a picture.
 */
export class Retention {
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #packs: PicturePacks;
  readonly #items: SqliteItems;
  readonly #database: DatabaseSync;
  readonly #days: Days;
  readonly #datedAhead: DatedAhead;
  readonly #counted: Counted;
  readonly #slack: Slack;
  readonly #erasures: () => number;
  readonly #writing: () => readonly string[];
  readonly #over = new AbortController();
  /** When the whole database was last cleared, and how many erasures there had been. */
  #cleared = { at: Number.NEGATIVE_INFINITY, erasures: 0 };
  readonly #dropQuarantined: StatementSync;
  readonly #dropPieces: StatementSync;
  readonly #dropSuppressed: StatementSync;
  readonly #dropExpired: StatementSync;
  readonly #dropBoxEntries: StatementSync;
  readonly #dropPictures: StatementSync;
  readonly #hasPictures: StatementSync;
  readonly #hasOtherMonths: StatementSync;
  readonly #hideScenes: StatementSync;
  readonly #hideFurther: StatementSync;
  readonly #sceneMonths: StatementSync;
  readonly #dropErasures: StatementSync;
  readonly #noteRemoval: StatementSync;
  readonly #dropRemoval: StatementSync;

  constructor(
    database: DatabaseSync,
    writer: Writer,
    {
      reader,
      packs,
      items,
      days,
      counted,
      dated,
      slack,
      erasures,
      writing,
    }: {
      reader: Reader;
      packs: PicturePacks;
      items: SqliteItems;
      days: Days;
      counted: Counted;
      /** The items whose times follow a clock that is set right. */
      dated: readonly DatedItems[];
      slack: Slack;
      /** How many erasures there were so far. */
      erasures: () => number;
      /** The ids of large quarantine records that are being written. */
      writing: () => readonly string[];
    },
  ) {
    this.#database = database;
    this.#writer = writer;
    this.#reader = reader;
    this.#packs = packs;
    this.#items = items;
    this.#days = days;
    this.#datedAhead = new DatedAhead(database, writer, { days, items, dated });
    this.#counted = counted;
    this.#slack = slack;
    this.#erasures = erasures;
    this.#writing = writing;
    this.#dropQuarantined = database.prepare(
      `DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE ${isDropped} LIMIT ?2)`,
    );
    // The pieces of large records go before them, so that no transaction takes long.
    this.#dropPieces = database.prepare(
      `DELETE FROM quarantine_pieces WHERE rowid IN (
         SELECT quarantine_pieces.rowid FROM quarantine_pieces JOIN quarantine ON quarantine.id = quarantine_id
         WHERE ${isDropped} LIMIT ?2)`,
    );
    this.#dropSuppressed = database.prepare(
      "DELETE FROM suppressed WHERE name IN (SELECT name FROM suppressed WHERE at <= ? LIMIT ?)",
    );
    this.#dropExpired = database.prepare(
      `DELETE FROM events WHERE made IN (
         SELECT made FROM events WHERE ${isIndexed} AND expires_at <= ?1
         UNION ALL SELECT made FROM events WHERE ${isNew} AND expires_at <= ?1 LIMIT ?2)`,
    );
    this.#dropBoxEntries = database.prepare(
      `DELETE FROM deliveries WHERE id IN
         (SELECT id FROM deliveries WHERE event_id IS NULL AND since <= ? AND state <> 'waiting' LIMIT ?)`,
    );
    this.#dropPictures = database.prepare(
      `DELETE FROM pictures WHERE month = ?1 AND sha256 IN
         (SELECT sha256 FROM pictures WHERE month = ?1 AND NOT ${isShown} LIMIT ?2)`,
    );
    this.#hasPictures = database.prepare("SELECT 1 FROM pictures WHERE month = ? LIMIT 1");
    // Between these two there is no other month.
    this.#hasOtherMonths = database.prepare("SELECT 1 FROM pictures WHERE month < ?1 OR month > ?2 LIMIT 1");
    this.#hideScenes = database.prepare(
      `UPDATE pictures SET first_event = NULL WHERE month = ?1 AND sha256 IN
         (SELECT sha256 FROM pictures WHERE month = ?1 ORDER BY sha256 LIMIT ?2)`,
    );
    this.#hideFurther = database.prepare(
      `DELETE FROM further_events WHERE month = ?1 AND (sha256, event) IN
         (SELECT sha256, event FROM further_events WHERE month = ?1 LIMIT ?2)`,
    );
    this.#sceneMonths = database.prepare(sceneMonths);
    this.#dropErasures = database.prepare("DELETE FROM erasures WHERE month = ?");
    this.#noteRemoval = database.prepare("INSERT INTO erasures (month, position, bytes) VALUES (?, 0, ?)");
    this.#dropRemoval = database.prepare("DELETE FROM erasures WHERE month = ? AND bytes = ?");
  }

  /** Applies the current number of days to stored events. */
  applyDays(): Promise<void> {
    return this.#days.apply();
  }

  /** Corrects data that was received while the clock was ahead. Call this when the clock is believed. */
  setRight(now: number): Promise<void> {
    return this.#datedAhead.setRight(now);
  }

  /** Returns how many events and packs it removed. */
  async sweep(now: number): Promise<{ events: number; packs: number }> {
    await this.applyDays();
    const events = await this.#dropAll(this.#dropExpired, now, batchSizes.events);
    await this.#dropQuarantine(this.#dropPieces, now);
    await this.#dropQuarantine(this.#dropQuarantined, now);
    await this.#dropAll(this.#dropBoxEntries, now - this.#days.eventLifetime);
    await this.#items.dropExpired();
    await this.#dropAll(this.#dropSuppressed, now - suppressionMs);
    await this.#counted.removeOld();
    let packs = await this.#removeScenes(now);
    for (const month of await this.#unshownMonths(monthOf(now))) if (await this.#removePack(month)) packs += 1;
    await emptyLog(this.#database, this.#writer);
    await this.#clear(now);
    return { events, packs };
  }

  /** Interrupts the work that reads the whole database. The next process does it again. */
  end(): void {
    this.#over.abort();
  }

  /**
   * Removes the packs of scenes that have all ended, though their events still name them. After an interruption the
   * next sweep continues. Returns how many packs it removed.
   */
  async #removeScenes(now: number): Promise<number> {
    const { sceneDays } = this.#days.current;
    let packs = 0;
    for (const row of sceneDays === null ? [] : this.#sceneMonths.all()) {
      const { month } = parseStored(monthRow, row, "a month of scenes");
      const [start, end] = spanOf(month);
      if (Math.max(this.#days.countedFrom(start), end) + (sceneDays ?? 0) * dayMs > now) continue;
      const count = batchSizes.others;
      await this.#repeat(count, () => this.#hideFurther.run(month, count).changes);
      const isRemoved = await this.#removePack(month, () => {
        this.#hideScenes.run(month, count);
        return this.#dropSomePictures(month);
      });
      if (isRemoved) packs += 1;
    }
    return packs;
  }

  async #unshownMonths(current: string): Promise<string[]> {
    // Mostly there is no other one, and the thread that reads need not be started.
    const ofNow = [current, scenesIn(current)];
    if (this.#hasOtherMonths.get(...ofNow) === undefined) return [];
    const found = await this.#reader.allFirst(unshownMonths, ofNow);
    return found.map(({ month }) => String(month));
  }

  async #clear(now: number): Promise<void> {
    const erasures = this.#erasures();
    const { at, erasures: before } = this.#cleared;
    if (erasures === before && Math.abs(now - at) < clearEveryMs) return;
    if (await clearSlack(this.#database, this.#writer, { slack: this.#slack, signal: this.#over.signal }))
      this.#cleared = { at: now, erasures };
  }

  #dropAll(statement: StatementSync, upTo: number, count = batchSizes.others): Promise<number> {
    return this.#repeat(count, () => statement.run(upTo, count).changes);
  }

  /** Which records are being written is read in each transaction. */
  #dropQuarantine(statement: StatementSync, now: number): Promise<number> {
    const count = batchSizes.quarantine;
    const upTo = now - this.#days.quarantineLifetime;
    return this.#repeat(count, () => statement.run(upTo, count, JSON.stringify(this.#writing()), now).changes);
  }

  /** Drops up to `count` rows in each transaction until fewer are left. Returns how many it dropped. */
  async #repeat(count: number, drop: () => number | bigint): Promise<number> {
    for (let sum = 0; ; ) {
      const dropped = Number(await this.#writer.run(drop));
      sum += dropped;
      if (dropped < count) return sum;
    }
  }

  /**
   * Removes rows of pictures that no event shows. With the last row of the month, notes that its pack must be removed.
   */
  #dropSomePictures(month: string): "some" | "shown" | "none" {
    const { changes } = this.#dropPictures.run(month, batchSizes.others);
    if (this.#hasPictures.get(month) !== undefined) return changes === 0 ? "shown" : "some";
    this.#dropErasures.run(month);
    this.#noteRemoval.run(month, wholePack);
    return "none";
  }

  /**
   * Removes the rows first: an event that is written meanwhile does not find its picture, and its report is sent again.
   * The last of them is removed together with a note to remove the file: if the process ends in between, the next one
   * does it. Returns false, and the file stays, if an event shows a picture of it by now.
   */
  async #removePack(month: string, dropSome = () => this.#dropSomePictures(month)): Promise<boolean> {
    let left: "some" | "shown" | "none" = "some";
    while (left === "some") left = await this.#writer.run(dropSome);
    if (left === "shown") return false;
    await this.#packs.remove(month);
    // Pictures that were replayed into the month meanwhile, and erased again, must still be overwritten.
    await this.#writer.run(() => this.#dropRemoval.run(month, wholePack));
    return true;
  }
}
