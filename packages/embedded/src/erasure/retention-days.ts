import type { DatabaseSync, StatementSync } from "node:sqlite";
import { lifetimeOf, type RetentionEditor, type RetentionFacts, type SceneRetention } from "@gatepost/core/retention";
import { redatedStatus, statusPrefix } from "@gatepost/core/statuses";
import { checkBox, parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import type { SqliteItems } from "../db/items.ts";
import { isReportOfEvent } from "../events/row.ts";
import { toleranceMs } from "./dated-ahead.ts";

/** Most events that one transaction changes, so that no report waits for long. */
const batchSize = 200;

/** Events of before a step of the clock that set it right count as received then (`DatedBehind`). */
const carried = (column: "before" | "at") => `coalesce((SELECT carried_over.${column} FROM carried_over), 0)`;

const daysRow = z.object({
  event_days: z.int(),
  quarantine_days: z.int(),
  scene_days: z.int().nullable(),
  is_applied: z.int(),
});
const sceneRow = daysRow.pick({ scene_days: true });
const carriedRow = z.object({ received: z.int() });
const lastRow = z.object({ last: z.int().nullable() });

/** Finds the time that counts as a receipt, ms. */
function receiptsOf(database: DatabaseSync): (receivedAt: number) => number {
  const counted = database.prepare(`SELECT iif(?1 <= ${carried("before")}, max(?1, ${carried("at")}), ?1) AS received`);
  return (receivedAt) => parseStored(carriedRow, counted.get(receivedAt), "the time of a receipt").received;
}

/** How long the scenes of a data folder are kept, for a program that only reads it. */
export function scenesOf(database: DatabaseSync): Omit<SceneRetention, "clock"> {
  const set = database.prepare("SELECT scene_days FROM retention_days");
  return {
    sceneDays: () => parseStored(z.optional(sceneRow), set.get(), "the days of scenes")?.scene_days ?? null,
    countedFrom: receiptsOf(database),
  };
}

interface Deps {
  items: SqliteItems;
  started: RetentionFacts;
  clock(): number;
}

/**
 * For how many days events and quarantine are kept: the number that was set, else the one from the start of the server.
 * Stored events and statuses of boxes follow a new number within seconds, or after the next start.
 */
export class RetentionDays implements RetentionEditor {
  readonly #writer: Writer;
  readonly #items: SqliteItems;
  readonly #clock: () => number;
  readonly #set: StatementSync;
  readonly #read: StatementSync;
  readonly #last: StatementSync;
  readonly #apply: StatementSync;
  readonly #applied: StatementSync;
  /** The time (ms) that counts as the receipt of an event. It is later if the clock was behind then, and set right since. */
  readonly countedFrom: (receivedAt: number) => number;
  #days: RetentionFacts;

  constructor(database: DatabaseSync, writer: Writer, { items, started, clock }: Deps) {
    this.#writer = writer;
    this.#items = items;
    this.#clock = clock;
    this.#set = database.prepare(
      `INSERT INTO retention_days (id, event_days, quarantine_days, scene_days, is_applied) VALUES (1, ?1, ?2, ?3, 0)
       ON CONFLICT DO UPDATE SET event_days = ?1, quarantine_days = ?2, scene_days = ?3, is_applied = 0`,
    );
    this.#read = database.prepare("SELECT event_days, quarantine_days, scene_days, is_applied FROM retention_days");
    this.#last = database.prepare(
      "SELECT max(made) AS last FROM (SELECT made FROM events WHERE made > ? ORDER BY made LIMIT ?)",
    );
    // Data that was received while the clock was ahead (`DatedAhead`) must not be kept for longer by that.
    this.#apply = database.prepare(
      `UPDATE events SET expires_at =
         (SELECT iif(received > ?4, min(events.expires_at, received + ?1), received + ?1)
          FROM (SELECT iif(first <= ${carried("before")}, max(first, ${carried("at")}), first) AS received FROM
            (SELECT min(json_extract(report, '$.receivedAt')) AS first FROM reports WHERE ${isReportOfEvent})))
       WHERE made > ?2 AND made <= ?3 AND box <> '${checkBox}'`,
    );
    this.countedFrom = receiptsOf(database);
    this.#applied = database.prepare(
      "UPDATE retention_days SET is_applied = 1 WHERE event_days = ? AND quarantine_days = ?",
    );
    const row = this.#row();
    this.#days =
      row === null
        ? started
        : { eventDays: row.event_days, quarantineDays: row.quarantine_days, sceneDays: row.scene_days };
  }

  get current(): RetentionFacts {
    return this.#days;
  }

  /** ms from receipt to expiry, for an event and for a record in quarantine. */
  get eventLifetime(): number {
    return lifetimeOf({ retentionDays: this.#days.eventDays });
  }

  get quarantineLifetime(): number {
    return lifetimeOf({ retentionDays: this.#days.quarantineDays });
  }

  async set(days: RetentionFacts): Promise<void> {
    await this.#writer.run(() => void this.#set.run(days.eventDays, days.quarantineDays, days.sceneDays));
    this.#days = days;
  }

  /**
   * Applies the current number of days to stored events and statuses. Starts again if it was interrupted or the number changes.
   */
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
    for (const item of this.#items.withPrefix(statusPrefix)) {
      const change = redatedStatus(item, (receivedAt) => receivedAt, lifetime);
      if (change !== null) await this.#items.write(change);
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
