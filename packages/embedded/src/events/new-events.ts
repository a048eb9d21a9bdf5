import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

/** Conditions on a row of `events`. Each event meets one of them, and an index is used only with the first. */
export const isIndexed = "is_indexed = 1";
export const isNew = "made > (SELECT made FROM indexed_events)";

/** So many new events are put into the indexes together. Whoever reads looks through them one by one until then. */
const batchSize = 256;

/** So many of these in one turn, which takes some milliseconds: what comes meanwhile is read and answered between. */
const stepSize = 32;

const countRow = z.object({ count: z.int() });
const boundaryRow = z.object({ made: z.int().nullable() });

/**
 * Puts new events into the indexes, many at once: each of a dozen indexes is another page that is written, and to the
 * disk a page costs the same whether one event is new on it or ten.
 */
export class NewEvents {
  readonly #writer: Writer;
  readonly #onFailure: (error: unknown) => void;
  readonly #boundary: StatementSync;
  readonly #index: StatementSync;
  readonly #note: StatementSync;
  /** How many there are; more where the transaction of one did not succeed. */
  #count: number;

  /** @param onFailure gets why a batch was not put into the indexes; it is with the next one */
  constructor(database: DatabaseSync, writer: Writer, onFailure: (error: unknown) => void) {
    this.#writer = writer;
    this.#onFailure = onFailure;
    this.#boundary = database.prepare(
      `SELECT max(made) AS made FROM (SELECT made FROM events WHERE ${isNew} AND made <= ? ORDER BY made LIMIT ?)`,
    );
    this.#index = database.prepare(`UPDATE events SET is_indexed = 1 WHERE ${isNew} AND made <= ?`);
    this.#note = database.prepare("UPDATE indexed_events SET made = ?");
    const counted = database.prepare(`SELECT count(*) AS count FROM events WHERE ${isNew}`).get();
    this.#count = parseStored(countRow, counted, "the number of new events").count;
  }

  /** To be called in the transaction that has written an event. @param made its number, the highest so far */
  added(made: number): void {
    this.#count += 1;
    if (this.#count < batchSize) return;
    this.#count = 0;
    this.#writer.runInSteps(() => this.#step(made)).catch(this.#onFailure);
  }

  /** Puts some into the indexes. Returns whether there are more, up to the one that was `last`. */
  #step(last: number): boolean {
    const { made } = parseStored(boundaryRow, this.#boundary.get(last, stepSize), "the next new events");
    if (made === null) return false;
    this.#index.run(made);
    this.#note.run(made);
    return made < last;
  }
}
