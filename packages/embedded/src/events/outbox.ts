import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { EventOutbox } from "@gatepost/core/events";
import type { Log } from "@gatepost/core/log";
import type { StoredEvent } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import { eventColumns, eventOf } from "./row.ts";
import { readLeased, unbroken } from "./unbroken.ts";

interface Deps {
  log: Log;
  clock(): number;
  /** The believed time, ms since 1970: an event that expires later is there. */
  believed(): number;
}

/** The events that wait to be announced as recorded. The index puts them there with the write that makes them. */
export class SqliteEventOutbox implements EventOutbox {
  readonly #writer: Writer;
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #believed: () => number;
  readonly #drop: StatementSync;
  readonly #lease: StatementSync;
  readonly #read: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, { log, clock, believed }: Deps) {
    this.#writer = writer;
    this.#log = log;
    this.#clock = clock;
    this.#believed = believed;
    this.#drop = database.prepare(
      "DELETE FROM event_outbox WHERE made = (SELECT events.made FROM events WHERE events.id = ?)",
    );
    this.#lease = database.prepare(
      `UPDATE event_outbox SET held_until = :until WHERE made IN
         (SELECT event_outbox.made FROM event_outbox JOIN events USING (made)
          WHERE (at <= :before OR at >= :ahead) AND (held_until <= :now OR held_until > :latestLease)
            AND expires_at > :believed
          ORDER BY event_outbox.made LIMIT :limit)
       RETURNING made`,
    );
    this.#read = database.prepare(`SELECT ${eventColumns} FROM events WHERE made = ?`);
  }

  async markAnnounced(eventId: string): Promise<void> {
    await this.#writer.run(() => void this.#drop.run(eventId));
  }

  /** If the clock was set back, events and leases are dated ahead of it: they count as actions do. */
  async lease({ before, until, limit }: { before: number; until: number; limit: number }): Promise<StoredEvent[]> {
    const leased = await this.#writer.run(() => {
      const now = this.#clock();
      const [ahead, latestLease] = [2 * now - before, 2 * until - now];
      const rows = this.#lease.all({ before, until, limit, now, ahead, latestLease, believed: this.#believed() });
      return rows.map(({ made }) => readLeased(() => this.#eventOf(made ?? null)));
    });
    return unbroken(leased, "event", this.#log);
  }

  #eventOf(made: SQLOutputValue): StoredEvent {
    const row = this.#read.get(made);
    if (row === undefined) throw new Error(`there is no event ${made}`);
    return eventOf(row);
  }
}
