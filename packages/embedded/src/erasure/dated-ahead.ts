import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dayMs, parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { isIndexed, isNew } from "../events/new-events.ts";
import { isReportOfEvent } from "../events/report-rows.ts";

/** ms by which what was received may be ahead of now and stays as it is: a clock may be wrong by as much (`StoreClock`). */
export const toleranceMs = dayMs;

/** How many rows one transaction changes, so that no report has to wait for long: a row of quarantine has its body. */
const atOnce = { events: 200, others: 4 };

/** How long events are kept, as somebody has set it. */
interface Days {
  /** ms. */
  readonly eventLifetime: number;
}

const eventRow = z.object({ made: z.int(), expires_at: z.int() });
type EventRow = z.output<typeof eventRow>;

/**
 * Has what was received by a clock that was ahead go by the right one: it is kept as if it was received now, and not until
 * the time comes that this clock had said. The times of receipt in reports stay, because their pictures are found by them.
 */
export class DatedAhead {
  readonly #writer: Writer;
  readonly #days: Days;
  readonly #next: StatementSync;
  readonly #expire: StatementSync;
  readonly #others: StatementSync[];

  constructor(database: DatabaseSync, writer: Writer, days: Days) {
    this.#writer = writer;
    this.#days = days;
    // Those that expire later than what comes now. Some are of a store that keeps events for longer: these are passed over.
    this.#next = database.prepare(
      `SELECT made, expires_at FROM events WHERE ${isIndexed} AND (expires_at, made) > (?1, ?2)
       UNION ALL SELECT made, expires_at FROM events WHERE ${isNew} AND (expires_at, made) > (?1, ?2)
       ORDER BY expires_at, made LIMIT ${atOnce.events}`,
    );
    this.#expire = database.prepare(
      `UPDATE events SET expires_at = ? WHERE made = ?
         AND (SELECT max(report ->> '$.receivedAt') FROM reports WHERE ${isReportOfEvent}) > ?`,
    );
    const keys = [
      ["quarantine", "received_at", "id"],
      ["notices", "received_at", "box, kind"],
      // What was erased by that clock would be refused until then, also what passes from now on.
      ["suppressed", "at", "name"],
      ["removals", "at", "id"],
    ] as const;
    this.#others = keys.map(([table, at, key]) =>
      database.prepare(
        `UPDATE ${table} SET ${at} = ?1 WHERE (${key}) IN
           (SELECT ${key} FROM ${table} WHERE ${at} > ?1 + ${toleranceMs} LIMIT ${atOnce.others})`,
      ),
    );
  }

  /** To be called where the clock is believed. */
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
      while (Number(await this.#writer.run(() => others.run(now).changes)) === atOnce.others);
  }

  #after({ made, expires_at }: EventRow): EventRow[] {
    return this.#next.all(expires_at, made).map((row) => parseStored(eventRow, row, "an event"));
  }
}
