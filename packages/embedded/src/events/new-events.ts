import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

/** Conditions on a row of `events`. Each event meets one of them, and an index is used only with the first. */
export const isIndexed = "is_indexed = 1";
export const isNew = "made > (SELECT made FROM indexed_events)";

/** So many new events are put into the indexes together. Whoever reads looks through them one by one until then. */
const batchSize = 256;

const countRow = z.object({ count: z.int() });

/**
 * Puts new events into the indexes, many at once: each of a dozen indexes is another page that is written, and to the
 * disk a page costs the same whether one event is new on it or ten.
 */
export class NewEvents {
  readonly #index: StatementSync;
  readonly #note: StatementSync;
  /** How many there are; more where the transaction of one did not succeed. */
  #count: number;

  constructor(database: DatabaseSync) {
    this.#index = database.prepare(`UPDATE events SET is_indexed = 1 WHERE ${isNew}`);
    this.#note = database.prepare("UPDATE indexed_events SET made = ?");
    const counted = database.prepare(`SELECT count(*) AS count FROM events WHERE ${isNew}`).get();
    this.#count = parseStored(countRow, counted, "the number of new events").count;
  }

  /** To be called in the transaction that has written an event. @param made its number, the highest so far */
  added(made: number): void {
    this.#count += 1;
    if (this.#count < batchSize) return;
    this.#index.run();
    this.#note.run(made);
    this.#count = 0;
  }
}
