import type { DatabaseSync, StatementSync } from "node:sqlite";
import { suppressionMs } from "@gatepost/core/erasure";
import { checkBox, dayMs, monthOf, parseStored, type Report, type StoredEvent } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import type { SqliteItems } from "../db/items.ts";
import type { ClockStep } from "../db/store-clock.ts";
import type { EventLookups } from "../events/lookups.ts";
import { isIndexed, isNew } from "../events/new-events.ts";
import { type EventRows, isReportOfEvent, reportRowOf } from "../events/row.ts";
import type { Sequence } from "../events/sequence.ts";
import { isComplete } from "../quarantine/pieces.ts";
import { type DatedItems, redateItems } from "./dated-ahead.ts";

/** Most rows that one transaction changes, so that no report waits for long. A row of quarantine has its body. */
const batchSizes = { events: 50, expiries: 200, others: 4 };

const eventRow = z.object({ made: z.int(), id: z.string() });
type EventRow = z.output<typeof eventRow>;

interface Deps {
  rows: EventRows;
  lookups: EventLookups;
  sequence: Sequence;
  items: SqliteItems;
  dated: readonly DatedItems[];
  /** How long events are kept, ms. */
  days: { readonly eventLifetime: number };
}

/**
 * Corrects data that was received while the clock was behind: it is kept as if it was received when the clock was set
 * right. Receipts by the clock of a new store, or by one that was never set, are dated anew. Every step may be repeated.
 */
export class DatedBehind {
  readonly #writer: Writer;
  readonly #deps: Deps;
  readonly #received: StatementSync;
  readonly #setReport: StatementSync;
  readonly #note: StatementSync;
  readonly #expire: StatementSync;
  readonly #others: StatementSync[];
  readonly #keepErasures: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, deps: Deps) {
    this.#writer = writer;
    this.#deps = deps;
    this.#received = database.prepare(
      `SELECT made, id FROM events WHERE made > ? AND EXISTS
         (SELECT 1 FROM reports WHERE ${isReportOfEvent} AND report ->> '$.receivedAt' BETWEEN ? AND ?)
       ORDER BY made LIMIT ${batchSizes.events}`,
    );
    this.#setReport = database.prepare("UPDATE reports SET report = ? WHERE id = ?");
    this.#note = database.prepare("INSERT OR REPLACE INTO carried_over VALUES (1, ?, ?)");
    const parts = [isIndexed, isNew].map(
      (listed) => `SELECT made FROM events WHERE ${listed} AND expires_at <= ?2 AND box <> '${checkBox}'`,
    );
    this.#expire = database.prepare(
      `UPDATE events SET expires_at = ?1 WHERE made IN (${parts.join(" UNION ALL ")} LIMIT ${batchSizes.expiries})`,
    );
    const keys = [["quarantine", "received_at", "id", isComplete]] as const;
    this.#others = keys.map(([table, at, key, isValid]) =>
      database.prepare(
        `UPDATE ${table} SET ${at} = ?1 WHERE (${key}) IN
           (SELECT ${key} FROM ${table} WHERE ${at} <= ?2 AND ${isValid} LIMIT ${batchSizes.others})`,
      ),
    );
    this.#keepErasures = database.prepare("UPDATE suppressed SET at = ?1 WHERE at < ?1");
  }

  /** Call this before the time after the step is believed. */
  async carryOver({ from, to, redateFrom }: ClockStep): Promise<void> {
    if (redateFrom !== null) await this.#redate({ since: redateFrom, upTo: from, byMs: to - from });
    const expiresAt = to + this.#deps.days.eventLifetime;
    await this.#writer.run(() => this.#note.run(from, to));
    // Nothing that was received after the step expires as early.
    const before = Math.min(from + this.#deps.days.eventLifetime + dayMs, expiresAt - 1);
    await this.#all(batchSizes.expiries, () => this.#expire.run(expiresAt, before));
    for (const others of this.#others) await this.#all(batchSizes.others, () => others.run(to, from));
    const { items, dated } = this.#deps;
    await redateItems(dated, items, { isWrong: (receivedAt) => receivedAt <= from, at: to });
    // Half of the time that an erasure counts is longer than any box keeps undelivered reports.
    await this.#writer.run(() => this.#keepErasures.run(to - suppressionMs / 2));
  }

  async #redate(range: { since: number; upTo: number; byMs: number }): Promise<void> {
    for (let after: number | undefined = 0; after !== undefined; ) {
      const from: number = after;
      const rows = this.#received
        .all(from, range.since, range.upTo)
        .map((row): EventRow => parseStored(eventRow, row, "an event"));
      await this.#writer.run(() => {
        for (const row of rows) this.#redateEvent(row, range);
      });
      after = rows.at(-1)?.made;
    }
  }

  #redateEvent({ made, id }: EventRow, { since, upTo, byMs }: { since: number; upTo: number; byMs: number }): void {
    const event = this.#readable(id);
    if (event === null) return;
    const isEarly = ({ receivedAt }: Report) => receivedAt >= since && receivedAt <= upTo;
    const reports = event.reports.map((report) => (isEarly(report) ? redatedReport(report, byMs) : report));
    for (const report of reports) this.#setReport.run(JSON.stringify(report), reportRowOf(made, report.kind));
    this.#deps.lookups.update({ ...event, reports }, { made, revision: this.#deps.sequence.next() });
  }

  /** A broken event stays as it is. */
  #readable(id: string): StoredEvent | null {
    try {
      return this.#deps.rows.read(id);
    } catch {
      return null;
    }
  }

  async #all(batchSize: number, change: () => { changes: number | bigint }): Promise<void> {
    while (Number(await this.#writer.run(() => change().changes)) === batchSize);
  }
}

/** The report as if it was received later. Its pictures stay where they are. */
function redatedReport(report: Report, byMs: number): Report {
  const month = monthOf(report.receivedAt);
  const receivedAt = report.receivedAt + byMs;
  if (report.pictures === undefined || monthOf(receivedAt) === month) return { ...report, receivedAt };
  const pictures = Object.entries(report.pictures).map(([kind, facts]) => [kind, { month, ...facts }]);
  return { ...report, receivedAt, pictures: Object.fromEntries(pictures) };
}
