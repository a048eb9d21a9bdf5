import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

/** Conditions on a row of `events`. Each event meets one of them, and an index is used only with the first. */
export const isIndexed = "is_indexed = 1";
export const isNew = "made > (SELECT made FROM indexed_events)";

/** So many new events are indexed together. Until then, readers search them one by one. */
const batchSize = 512;

/** So many of them are indexed in one turn, which takes some milliseconds. Other requests get their turns between. */
const stepSize = 32;

const countRow = z.object({ count: z.int() });
const boundaryRow = z.object({ made: z.int().nullable() });

/**
 * Indexes many new events at once: each of a dozen indexes has another page to write, and writing a page costs the same
 * for ten events and for one.
 */
export class NewEvents {
  readonly #writer: Writer;
  readonly #onFailure: (error: unknown) => void;
  readonly #boundary: StatementSync;
  readonly #index: StatementSync;
  readonly #note: StatementSync;
  /** How many new events there are, or a few more if a transaction failed. */
  #count: number;

  /** @param onFailure gets the error of a batch that could not be indexed; its events are in the next batch */
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

  /** Call this in the transaction that wrote an event. @param made its number, the highest so far */
  added(made: number): void {
    this.#count += 1;
    if (this.#count < batchSize) return;
    this.#count = 0;
    this.#writer.runInSteps(() => this.#step(made)).catch(this.#onFailure);
  }

  /** Indexes some events. Returns whether there are more, up to number `last`. */
  #step(last: number): boolean {
    const { made } = parseStored(boundaryRow, this.#boundary.get(last, stepSize), "the next new events");
    if (made === null) return false;
    this.#index.run(made);
    this.#note.run(made);
    return made < last;
  }
}
