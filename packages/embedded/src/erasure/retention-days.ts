import type { DatabaseSync, StatementSync } from "node:sqlite";
import { lifetimeOf } from "@gatepost/ingest";
import { checkBox, parseStored } from "@gatepost/protocol";
import type { RetentionEditor, RetentionFacts } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { isReportOfEvent } from "../events/report-rows.ts";
import { toleranceMs } from "./dated-ahead.ts";

/** How many events one transaction changes, so that no report has to wait for long. */
const batchSize = 200;

const daysRow = z.object({ event_days: z.int(), quarantine_days: z.int(), is_applied: z.int() });
const lastRow = z.object({ last: z.int().nullable() });

interface Deps {
  started: RetentionFacts;
  clock(): number;
}

/**
 * For how many days events and quarantine are kept: what somebody has set, else what the server was started with. Events
 * that are stored already go by a new number within seconds, or after the next start.
 */
export class RetentionDays implements RetentionEditor {
  readonly #writer: Writer;
  readonly #clock: () => number;
  readonly #set: StatementSync;
  readonly #read: StatementSync;
  readonly #last: StatementSync;
  readonly #apply: StatementSync;
  readonly #applied: StatementSync;
  #days: RetentionFacts;

  constructor(database: DatabaseSync, writer: Writer, { started, clock }: Deps) {
    this.#writer = writer;
    this.#clock = clock;
    this.#set = database.prepare(
      `INSERT INTO retention_days (id, event_days, quarantine_days, is_applied) VALUES (1, ?1, ?2, 0)
       ON CONFLICT DO UPDATE SET event_days = ?1, quarantine_days = ?2, is_applied = 0`,
    );
    this.#read = database.prepare("SELECT event_days, quarantine_days, is_applied FROM retention_days");
    this.#last = database.prepare(
      "SELECT max(made) AS last FROM (SELECT made FROM events WHERE made > ? ORDER BY made LIMIT ?)",
    );
    // What was received by a clock that was ahead (`DatedAhead`) is not kept for longer by that.
    this.#apply = database.prepare(
      `UPDATE events SET expires_at =
         (SELECT iif(received > ?4, min(events.expires_at, received + ?1), received + ?1)
          FROM (SELECT min(json_extract(report, '$.receivedAt')) AS received FROM reports WHERE ${isReportOfEvent}))
       WHERE made > ?2 AND made <= ?3 AND box <> '${checkBox}'`,
    );
    this.#applied = database.prepare(
      "UPDATE retention_days SET is_applied = 1 WHERE event_days = ? AND quarantine_days = ?",
    );
    const row = this.#row();
    this.#days = row === null ? started : { eventDays: row.event_days, quarantineDays: row.quarantine_days };
  }

  get current(): RetentionFacts {
    return this.#days;
  }

  /** ms from its receipt to the expiry of an event, and of a record in quarantine. */
  get eventLifetime(): number {
    return lifetimeOf({ retentionDays: this.#days.eventDays });
  }

  get quarantineLifetime(): number {
    return lifetimeOf({ retentionDays: this.#days.quarantineDays });
  }

  async set(days: RetentionFacts): Promise<void> {
    await this.#writer.run(() => void this.#set.run(days.eventDays, days.quarantineDays));
    this.#days = days;
  }

  /** Has events that were stored before go by the days as they are now. Begins anew where it was cut short or they change. */
  async apply(): Promise<void> {
    if (this.#row()?.is_applied !== 0) return;
    let days: RetentionFacts;
    do {
      days = this.#days;
      await this.#applyToAll(days);
    } while (days !== this.#days);
  }

  async #applyToAll(days: RetentionFacts): Promise<void> {
    const lifetime = this.eventLifetime;
    for (let after: number | null = 0; after !== null && days === this.#days; ) {
      const from: number = after;
      after = await this.#writer.run(() => {
        const { last } = parseStored(lastRow, this.#last.get(from, batchSize), "events");
        if (last !== null) this.#apply.run(lifetime, from, last, this.#clock() + toleranceMs);
        return last;
      });
    }
    await this.#writer.run(() => {
      if (days === this.#days) this.#applied.run(days.eventDays, days.quarantineDays);
    });
  }

  #row(): z.output<typeof daysRow> | null {
    const row = this.#read.get();
    return row === undefined ? null : parseStored(daysRow, row, "retention_days");
  }
}
