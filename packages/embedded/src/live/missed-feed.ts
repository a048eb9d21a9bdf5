import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Change, ChangeFeed } from "@gatepost/query";
import { changeOf } from "../events/change-feed.ts";
import { eventColumns } from "../events/row.ts";
import { cursorAt, revisionAt } from "../events/sequence.ts";

/**
 * The feed of changes as subscribers were told of them: an event that has changed is given where it was made, and again
 * where it changed last. So who was told up to any event, and is cut off, goes on behind the place where that was made
 * and misses none.
 */
export class SqliteMissedFeed implements Pick<ChangeFeed, "read"> {
  readonly #clock: () => number;
  readonly #read: StatementSync;

  constructor(database: DatabaseSync, clock: () => number) {
    this.#clock = clock;
    this.#read = database.prepare(
      `SELECT ${eventColumns}, events.made, change.revision FROM (
         SELECT made, made AS revision FROM events WHERE made > ?1
         UNION ALL SELECT made, revision FROM events WHERE revision > ?1 AND revision <> made
       ) AS change CROSS JOIN events USING (made)
       WHERE expires_at > ?2 ORDER BY change.revision LIMIT ?3`,
    );
  }

  /** `changed` is where it is given here. */
  async read(after: string | null, limit: number): Promise<{ items: Change[]; next: string; isEnd: boolean }> {
    const begin = revisionAt(after);
    const rows = this.#read.all(begin, this.#clock(), limit + 1);
    const items = rows.slice(0, limit).map((row) => {
      const change = changeOf(row);
      return { ...change, isUpdate: change.changed !== change.made };
    });
    return { items, next: items.at(-1)?.changed ?? cursorAt(begin), isEnd: rows.length <= limit };
  }
}
