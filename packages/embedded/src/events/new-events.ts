import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";

/** Conditions on a row of `events`. Each event meets one of them, and an index is used only with the first. */
export const isIndexed = "is_indexed = 1";
export const isNew = "made > (SELECT made FROM indexed_events) AND is_indexed = 0";

/** So many new events are put into the indexes together. Whoever reads looks through them one by one until then. */
const batchSize = 512;

/** So many of them at once, and the next ones so many events later: a transaction has some 30 events under load. */
const sliceSize = 64;
const eventsBetween = 16;

const countRow = z.object({ count: z.int() });
const madeRow = z.object({ made: z.int() });

/**
 * Puts new events into the indexes, many at once: each of a dozen indexes is another page that is written, and to the
 * disk a page costs the same whether one event is new on it or ten. A batch is put there slice by slice, so that no report
 * waits for all of it; events that are beside each other in most indexes are in the same slice.
 */
export class NewEvents {
  readonly #ofBatch: StatementSync;
  readonly #index: StatementSync;
  readonly #indexRest: StatementSync;
  readonly #note: StatementSync;
  /** How many came since the last batch began; more where the transaction of one did not succeed. */
  #count: number;
  /** What is left of the batch, and the last event of it. */
  #left: number[] = [];
  #last = 0;

  constructor(database: DatabaseSync) {
    this.#ofBatch = database.prepare(
      `SELECT made FROM events WHERE ${isNew} ORDER BY box, device_id, endpoint, ip, time`,
    );
    this.#index = database.prepare(
      "UPDATE events SET is_indexed = 1 WHERE made IN (SELECT value FROM json_each(?)) AND is_indexed = 0",
    );
    this.#indexRest = database.prepare(`UPDATE events SET is_indexed = 1 WHERE ${isNew} AND made <= ?`);
    this.#note = database.prepare("UPDATE indexed_events SET made = ?");
    const counted = database.prepare(`SELECT count(*) AS count FROM events WHERE ${isNew}`).get();
    this.#count = parseStored(countRow, counted, "the number of new events").count;
  }

  /** To be called in the transaction that has written an event. @param made its number, the highest so far */
  added(made: number): void {
    this.#count += 1;
    if (this.#left.length === 0 && this.#count >= batchSize) this.#begin(made);
    if (this.#left.length > 0 && this.#count % eventsBetween === 0) this.#putSlice();
  }

  #begin(made: number): void {
    this.#left = this.#ofBatch.all().map((row) => parseStored(madeRow, row, "a new event").made);
    this.#last = made;
    this.#count = 0;
  }

  #putSlice(): void {
    this.#index.run(JSON.stringify(this.#left.splice(0, sliceSize)));
    if (this.#left.length > 0) return;
    // A slice is missing where its transaction did not succeed.
    this.#indexRest.run(this.#last);
    this.#note.run(this.#last);
  }
}
