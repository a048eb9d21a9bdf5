import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Change, ChangeFeed } from "@gatepost/query";
import { eventColumns, eventOf } from "./row.ts";
import { cursorAt, revisionAt } from "./sequence.ts";

/** The feed of changes: events by their revision. */
export class SqliteChangeFeed implements ChangeFeed {
  readonly #clock: () => number;
  readonly #read: StatementSync;
  readonly #madeAt: StatementSync;

  constructor(database: DatabaseSync, clock: () => number) {
    this.#clock = clock;
    this.#read = database.prepare(
      `SELECT ${eventColumns}, made, revision FROM events WHERE revision > ? AND expires_at > ? ORDER BY revision LIMIT ?`,
    );
    this.#madeAt = database.prepare("SELECT made FROM events WHERE id = ? AND expires_at > ?");
  }

  async read(after: string | null, limit: number): Promise<{ items: Change[]; next: string; isEnd: boolean }> {
    const begin = revisionAt(after);
    const rows = this.#read.all(begin, this.#clock(), limit + 1);
    const items = rows.slice(0, limit).map((row) => ({
      event: eventOf(row),
      made: cursorAt(Number(row["made"])),
      changed: cursorAt(Number(row["revision"])),
    }));
    return { items, next: items.at(-1)?.changed ?? cursorAt(begin), isEnd: rows.length <= limit };
  }

  async madeAt(eventId: string): Promise<string | null> {
    const row = this.#madeAt.get(eventId, this.#clock());
    return row === undefined ? null : cursorAt(Number(row["made"]));
  }
}
