import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";

/** Texts that are indexed together. The migration and its trigger have the same number, so it never changes. */
export const blockSize = 512;

/** Texts that are indexed in one turn: some milliseconds for the longest ones. */
const stepSize = 16;

const idRow = z.object({ id: z.int() });

/**
 * Stores the texts that events are searched by, and indexes them in blocks. A block is written in one transaction: text
 * by text, each would change a page for nearly each of its characters.
 */
export class NewTexts {
  readonly #writer: Writer;
  readonly #onFailure: (error: unknown) => void;
  readonly #find: StatementSync;
  readonly #keep: StatementSync;
  readonly #indexed: StatementSync;
  readonly #index: StatementSync;
  readonly #note: StatementSync;
  #isIndexing = false;

  /** @param onFailure gets the error of a block that could not be indexed; the next new text tries again */
  constructor(database: DatabaseSync, writer: Writer, onFailure: (error: unknown) => void) {
    this.#writer = writer;
    this.#onFailure = onFailure;
    this.#find = database.prepare("SELECT id FROM texts WHERE text = ?");
    this.#keep = database.prepare(
      `INSERT INTO texts (id, text)
       SELECT max((SELECT id FROM indexed_texts), coalesce((SELECT max(id) FROM texts), 0)) + 1, ? RETURNING id`,
    );
    this.#indexed = database.prepare("SELECT id FROM indexed_texts");
    this.#index = database.prepare(
      `INSERT INTO text_grams SELECT (texts.id - 1) / ${blockSize}, value, texts.id
       FROM texts CROSS JOIN json_each(gatepost_grams(text)) WHERE texts.id > ?1 AND texts.id <= ?1 + ${stepSize}`,
    );
    this.#note = database.prepare("UPDATE indexed_texts SET id = ?");
  }

  /** The number of a text, which is stored if it is new. Call this in the transaction that writes its event. */
  idOf(text: string): number {
    const found = this.#find.get(text);
    if (found !== undefined) return parseStored(idRow, found, "texts").id;
    const { id } = parseStored(idRow, this.#keep.get(text), "texts");
    if (!this.#isIndexing && id >= this.#lastIndexed() + blockSize) this.#indexBlock();
    return id;
  }

  #lastIndexed(): number {
    return parseStored(idRow, this.#indexed.get(), "indexed_texts").id;
  }

  #indexBlock(): void {
    this.#isIndexing = true;
    let first: number | null = null;
    let done = 0;
    const step = () => {
      first ??= this.#lastIndexed();
      this.#index.run(first + done);
      done += stepSize;
      if (done < blockSize) return true;
      this.#note.run(first + blockSize);
      return false;
    };
    this.#writer
      .runInSteps(step)
      .catch(this.#onFailure)
      .finally(() => {
        this.#isIndexing = false;
      });
  }
}
