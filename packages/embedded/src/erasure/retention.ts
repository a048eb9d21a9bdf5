import type { DatabaseSync, StatementSync } from "node:sqlite";
import { suppressionMs } from "@gatepost/ingest";
import { dayMs, hourMs, monthOf } from "@gatepost/protocol";
import type { Reader, Slack, Writer } from "@gatepost/sqlite";
import { clearSlack, emptyLog } from "../db/database.ts";
import { isIndexed, isNew } from "../events/new-events.ts";
import { isShown } from "../events/shown-pictures.ts";
import { wholePack } from "../pictures/rows.ts";
import type { PicturePacks } from "../pictures/store.ts";
import type { SqliteHalfHours } from "../statistics/half-hours.ts";
import { DatedAhead } from "./dated-ahead.ts";
import type { RetentionDays } from "./retention-days.ts";

/**
 * How many rows one transaction removes, so that no report has to wait for long: of events, each of whose index entries is
 * on a page of its own; of quarantine, whose bodies are overwritten with zeros; and of what is small.
 */
const atOnce = { events: 25, quarantine: 4, others: 500 };

/** Other months of which no event shows a picture, the months being found by as many steps through the index. */
const unshownMonths = `WITH RECURSIVE months (month) AS (
    SELECT min(month) FROM pictures
    UNION ALL SELECT (SELECT min(month) FROM pictures WHERE pictures.month > months.month) FROM months WHERE months.month IS NOT NULL
  )
  SELECT month FROM months WHERE month <> ? AND NOT EXISTS (SELECT 1 FROM pictures WHERE month = months.month AND ${isShown})`;

/** A row of alerts that has ended is kept so long, that nobody who read it takes another for it. */
const alertRowsKeptMs = hourMs;

/** ms after which what expired leaves no trace in unused parts of the database either; what was erased, within the hour. */
const clearEveryMs = dayMs;

/**
 * Removes what has expired: events, quarantine, box status, counts, entries of the bus about boxes and what was noted of
 * erasures, and the pack of every past month that no event shows a
 * picture of any more.
 */
export class Retention {
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #packs: PicturePacks;
  readonly #database: DatabaseSync;
  readonly #days: Pick<RetentionDays, "eventLifetime" | "quarantineLifetime" | "apply">;
  readonly #datedAhead: DatedAhead;
  readonly #halfHours: SqliteHalfHours;
  readonly #slack: Slack;
  readonly #erasures: () => number;
  readonly #over = new AbortController();
  /** When the whole database was cleared last, and how many events had been erased by then. */
  #cleared = { at: Number.NEGATIVE_INFINITY, erasures: 0 };
  readonly #dropQuarantined: StatementSync;
  readonly #dropStatuses: StatementSync;
  readonly #dropSuppressed: StatementSync;
  readonly #dropExpired: StatementSync;
  readonly #dropBoxEntries: StatementSync;
  readonly #dropAlertRows: StatementSync;
  readonly #dropPictures: StatementSync;
  readonly #hasPictures: StatementSync;
  readonly #dropErasures: StatementSync;
  readonly #noteRemoval: StatementSync;
  readonly #dropRemoval: StatementSync;

  constructor(
    database: DatabaseSync,
    writer: Writer,
    {
      reader,
      packs,
      days,
      halfHours,
      slack,
      erasures,
    }: {
      reader: Reader;
      packs: PicturePacks;
      days: Pick<RetentionDays, "eventLifetime" | "quarantineLifetime" | "apply">;
      halfHours: SqliteHalfHours;
      slack: Slack;
      /** How many erasures there were so far. */
      erasures: () => number;
    },
  ) {
    this.#database = database;
    this.#writer = writer;
    this.#reader = reader;
    this.#packs = packs;
    this.#days = days;
    this.#datedAhead = new DatedAhead(database, writer, days);
    this.#halfHours = halfHours;
    this.#slack = slack;
    this.#erasures = erasures;
    this.#dropQuarantined = database.prepare(
      "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE received_at <= ? LIMIT ?)",
    );
    this.#dropStatuses = database.prepare(
      "DELETE FROM notices WHERE (box, kind) IN (SELECT box, kind FROM notices WHERE received_at <= ? LIMIT ?)",
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
    this.#dropAlertRows = database.prepare(
      "DELETE FROM alert_rows WHERE name IN (SELECT name FROM alert_rows WHERE until <= ? LIMIT ?)",
    );
    this.#dropPictures = database.prepare(
      `DELETE FROM pictures WHERE month = ?1 AND sha256 IN
         (SELECT sha256 FROM pictures WHERE month = ?1 AND NOT ${isShown} LIMIT ?2)`,
    );
    this.#hasPictures = database.prepare("SELECT 1 FROM pictures WHERE month = ? LIMIT 1");
    this.#dropErasures = database.prepare("DELETE FROM erasures WHERE month = ?");
    this.#noteRemoval = database.prepare("INSERT INTO erasures (month, position, bytes) VALUES (?, 0, ?)");
    this.#dropRemoval = database.prepare("DELETE FROM erasures WHERE month = ? AND bytes = ?");
  }

  /** Has events that were stored before go by the days as they are now. */
  applyDays(): Promise<void> {
    return this.#days.apply();
  }

  /** Has what was received by a clock that was ahead go by the one that is believed now. */
  setRight(now: number): Promise<void> {
    return this.#datedAhead.setRight(now);
  }

  /** Returns how many events and packs it removed. */
  async sweep(now: number): Promise<{ events: number; packs: number }> {
    await this.applyDays();
    const events = await this.#dropAll(this.#dropExpired, now, atOnce.events);
    await this.#dropAll(this.#dropQuarantined, now - this.#days.quarantineLifetime, atOnce.quarantine);
    await this.#dropAll(this.#dropStatuses, now - this.#days.eventLifetime);
    await this.#dropAll(this.#dropBoxEntries, now - this.#days.eventLifetime);
    await this.#dropAll(this.#dropAlertRows, now - alertRowsKeptMs);
    await this.#dropAll(this.#dropSuppressed, now - suppressionMs);
    await this.#halfHours.removeOld();
    let packs = 0;
    for (const { month } of await this.#reader.allFirst(unshownMonths, [monthOf(now)]))
      if (await this.#removePack(String(month))) packs += 1;
    await emptyLog(this.#database, this.#writer);
    await this.#clear(now);
    return { events, packs };
  }

  /** Breaks off what reads the whole database; the next process does it. */
  end(): void {
    this.#over.abort();
  }

  async #clear(now: number): Promise<void> {
    const erasures = this.#erasures();
    const { at, erasures: before } = this.#cleared;
    if (erasures === before && Math.abs(now - at) < clearEveryMs) return;
    if (await clearSlack(this.#database, this.#writer, { slack: this.#slack, signal: this.#over.signal }))
      this.#cleared = { at: now, erasures };
  }

  async #dropAll(statement: StatementSync, upTo: number, count = atOnce.others): Promise<number> {
    for (let sum = 0; ; ) {
      const dropped = Number(await this.#writer.run(() => statement.run(upTo, count).changes));
      sum += dropped;
      if (dropped < count) return sum;
    }
  }

  /** Removes rows of pictures that no event shows. What is left of the month: with the last one its pack is noted to go. */
  #dropSomePictures(month: string): "some" | "shown" | "none" {
    const { changes } = this.#dropPictures.run(month, atOnce.others);
    if (this.#hasPictures.get(month) !== undefined) return changes === 0 ? "shown" : "some";
    this.#dropErasures.run(month);
    this.#noteRemoval.run(month, wholePack);
    return "none";
  }

  /**
   * The rows go first: an event that is written meanwhile does not find its picture, and its report is sent again. That the
   * file is to go is noted with the last of them: where the process ends in between, the next one removes it. It stays
   * where an event has come to show a picture of it meanwhile; then this returns false.
   */
  async #removePack(month: string): Promise<boolean> {
    let left: "some" | "shown" | "none" = "some";
    while (left === "some") left = await this.#writer.run(() => this.#dropSomePictures(month));
    if (left === "shown") return false;
    await this.#packs.remove(month);
    // What was replayed into the month meanwhile, and erased again, is still to be overwritten.
    await this.#writer.run(() => this.#dropRemoval.run(month, wholePack));
    return true;
  }
}
