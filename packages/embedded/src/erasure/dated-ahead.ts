import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dayMs, parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import type { Change, Item } from "@gatepost/store";
import * as z from "zod";
import type { SqliteItems } from "../db/items.ts";
import { isIndexed, isNew } from "../events/new-events.ts";
import { isReportOfEvent } from "../events/row.ts";

/** ms that a time of receipt may be ahead of now and stays as it is: a clock may be wrong by as much (`StoreClock`). */
export const toleranceMs = dayMs;

/** Most rows that one transaction changes, so that no report waits for long. A row of quarantine has its body. */
const batchSizes = { events: 200, others: 4 };

/**
 * The rows after a row, in the order of their expiry. A single comparison of both columns would read all rows that
 * expire at the same moment again for each batch. A store that was taken over has many of them.
 */
const behind = ["expires_at = ?1 AND made > ?2", "expires_at > ?1"];

/** Items with a time of receipt, which follows the clock when that is set right. */
export interface DatedItems {
  readonly prefix: string;
  /**
   * The change that sets a wrong time of receipt (ms) to `at`. Null if the time is right, or the item is broken.
   */
  redated(item: Item, isWrong: (receivedAt: number) => boolean, at: number): Change | null;
}

/** Sets the times of receipt that are wrong to `at` (ms). */
export async function redateItems(
  dated: readonly DatedItems[],
  items: SqliteItems,
  { isWrong, at }: { isWrong: (receivedAt: number) => boolean; at: number },
): Promise<void> {
  for (const { prefix, redated } of dated) {
    for (const item of items.withPrefix(prefix)) {
      const change = redated(item, isWrong, at);
      if (change !== null) await items.write(change);
    }
  }
}

/** How long events are kept, as it is set now. */
interface Days {
  /** ms. */
  readonly eventLifetime: number;
}

const eventRow = z.object({ made: z.int(), expires_at: z.int() });
type EventRow = z.output<typeof eventRow>;

/**
 * Corrects data that was received while the clock was ahead: it is kept as if it was received now, and not until that
 * wrong time has passed. The times of receipt in reports stay, because pictures are found by them.
 */
export class DatedAhead {
  readonly #writer: Writer;
  readonly #days: Days;
  readonly #items: SqliteItems;
  readonly #dated: readonly DatedItems[];
  readonly #next: StatementSync;
  readonly #expire: StatementSync;
  readonly #others: StatementSync[];

  constructor(
    database: DatabaseSync,
    writer: Writer,
    { days, items, dated }: { days: Days; items: SqliteItems; dated: readonly DatedItems[] },
  ) {
    this.#writer = writer;
    this.#days = days;
    this.#items = items;
    this.#dated = dated;
    // Rows that expire later than data received now. Some come from a store that keeps events for longer: these are
    // skipped.
    const parts = [isIndexed, isNew].flatMap((listed) =>
      behind.map((place) => `SELECT made, expires_at FROM events WHERE ${listed} AND ${place}`),
    );
    this.#next = database.prepare(`${parts.join(" UNION ALL ")} ORDER BY expires_at, made LIMIT ${batchSizes.events}`);
    this.#expire = database.prepare(
      `UPDATE events SET expires_at = ? WHERE made = ?
         AND (SELECT max(report ->> '$.receivedAt') FROM reports WHERE ${isReportOfEvent}) > ?`,
    );
    const keys = [
      ["quarantine", "received_at", "id"],
      // Until that wrong time, an erasure would also keep out new passings.
      ["suppressed", "at", "name"],
    ] as const;
    this.#others = keys.map(([table, at, key]) =>
      database.prepare(
        `UPDATE ${table} SET ${at} = ?1 WHERE (${key}) IN
           (SELECT ${key} FROM ${table} WHERE ${at} > ?1 + ${toleranceMs} LIMIT ${batchSizes.others})`,
      ),
    );
  }

  /** Call this when the clock is believed. */
  async setRight(now: number): Promise<void> {
    const expiresAt = now + this.#days.eventLifetime;
    let last: EventRow | undefined = { made: 0, expires_at: expiresAt + toleranceMs };
    while (last !== undefined) {
      const rows = this.#after(last);
      await this.#writer.run(() => {
        for (const { made } of rows) this.#expire.run(expiresAt, made, now + toleranceMs);
      });
      last = rows.at(-1);
    }
    for (const others of this.#others)
      while (Number(await this.#writer.run(() => others.run(now).changes)) === batchSizes.others);
    await redateItems(this.#dated, this.#items, { isWrong: (receivedAt) => receivedAt > now + toleranceMs, at: now });
  }

  #after({ made, expires_at }: EventRow): EventRow[] {
    return this.#next.all(expires_at, made).map((row) => parseStored(eventRow, row, "an event"));
  }
}
