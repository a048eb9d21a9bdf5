import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import { gramsOf, hashOf } from "../db/functions.ts";

/** Texts that are indexed together. A trigger of the schema has the same number, so it never changes. */
export const blockSize = 512;

/** Texts that are read in one turn, and rows of the index that are written in one: some milliseconds. */
const textsATurn = 16;
const rowsATurn = 1000;

const idRow = z.object({ id: z.int() });
const textRow = z.object({ id: z.int(), text: z.string() });

/**
 * Stores the texts that events are searched by, and indexes them in blocks. A block is written in one transaction: text
 * by text, each would change a page for nearly each of its characters.
 */
export class NewTexts {
  readonly #writer: Writer;
  readonly #onFailure: (error: unknown) => void;
  readonly #find: StatementSync;
  readonly #isStored: StatementSync;
  readonly #keep: StatementSync;
  readonly #indexed: StatementSync;
  readonly #read: StatementSync;
  readonly #addHash: StatementSync;
  readonly #addGram: StatementSync;
  readonly #note: StatementSync;
  /** The ids of all texts that are not indexed yet, and of some that were removed or not committed. */
  readonly #new: Map<string, number>;
  #last = 0;
  #isIndexing = false;

  /** @param onFailure gets the error of a block that could not be indexed; the next new text tries again */
  constructor(database: DatabaseSync, writer: Writer, onFailure: (error: unknown) => void) {
    this.#writer = writer;
    this.#onFailure = onFailure;
    const prepare = (sql: string) => database.prepare(sql);
    this.#find = prepare("SELECT id FROM text_hashes CROSS JOIN texts ON id = text_id WHERE hash = ? AND text = ?");
    this.#isStored = prepare("SELECT 1 FROM texts WHERE id = ? AND text = ?");
    this.#keep = prepare(
      `INSERT INTO texts (id, text)
       SELECT max((SELECT id FROM indexed_texts), coalesce((SELECT max(id) FROM texts), 0)) + 1, ? RETURNING id`,
    );
    this.#indexed = prepare("SELECT id FROM indexed_texts");
    this.#read = prepare("SELECT id, text FROM texts WHERE id > ? AND id <= ?");
    this.#addHash = prepare("INSERT INTO text_hashes (hash, text_id) VALUES (?, ?)");
    this.#addGram = prepare("INSERT INTO text_grams (block, gram, text_id) VALUES (?, ?, ?)");
    this.#note = prepare("UPDATE indexed_texts SET id = ?");
    this.#new = new Map(this.#textsIn(this.#lastIndexed(), Number.MAX_SAFE_INTEGER).map(({ id, text }) => [text, id]));
  }

  /** The number of a text, which is stored if it is new. Call this in the transaction that writes its event. */
  idOf(text: string): number {
    const known = this.#new.get(text);
    if (known !== undefined && this.#isStored.get(known, text) !== undefined) return known;
    const found = this.#find.get(hashOf(text), text);
    if (found !== undefined) return parseStored(idRow, found, "texts").id;
    const { id } = parseStored(idRow, this.#keep.get(text), "texts");
    this.#new.set(text, id);
    this.#last = id;
    if (!this.#isIndexing) this.#indexFullBlock();
    return id;
  }

  #lastIndexed(): number {
    return parseStored(idRow, this.#indexed.get(), "indexed_texts").id;
  }

  #textsIn(after: number, to: number): z.output<typeof textRow>[] {
    return this.#read.all(after, to).map((row) => parseStored(textRow, row, "texts"));
  }

  #indexFullBlock(): void {
    if (this.#last < this.#lastIndexed() + blockSize) return;
    this.#isIndexing = true;
    let turns: Iterator<void> | null = null;
    const step = () => {
      turns ??= this.#turnsOfBlock(this.#lastIndexed());
      return turns.next().done !== true;
    };
    this.#writer.runInSteps(step).then(
      () => {
        this.#isIndexing = false;
        this.#forgetIndexed();
        this.#indexFullBlock();
      },
      (error: unknown) => {
        this.#isIndexing = false;
        this.#onFailure(error);
      },
    );
  }

  /** Writes the rows of a block in their order: so its pages are full. Yields after each turn. */
  *#turnsOfBlock(first: number): Generator<void, void> {
    const grams = new BlockGrams();
    const hashes: [hash: number, id: number][] = [];
    for (let after = first; after < first + blockSize; after += textsATurn) {
      for (const row of this.#textsIn(after, after + textsATurn)) {
        grams.add(row);
        hashes.push([hashOf(row.text), row.id]);
      }
      yield;
    }
    for (const [hash, id] of hashes.sort(([a], [b]) => a - b)) this.#addHash.run(hash, id);
    let rows = 0;
    for (const { gram, id } of grams.inOrder()) {
      this.#addGram.run(first / blockSize, gram, id);
      rows += 1;
      if (rows % rowsATurn === 0) yield;
    }
    this.#note.run(first + blockSize);
  }

  #forgetIndexed(): void {
    const indexed = this.#lastIndexed();
    for (const [text, id] of this.#new) if (id <= indexed) this.#new.delete(text);
  }
}

interface GramOfText {
  gram: string;
  /** The text that contains it. */
  id: number;
}

/** The grams of a block, by their first characters: to sort all at once would block the process. */
class BlockGrams {
  readonly #byFirst = new Map<string, GramOfText[]>();

  add({ id, text }: { id: number; text: string }): void {
    for (const gram of gramsOf(text)) {
      const first = gram.charAt(0);
      const known = this.#byFirst.get(first);
      if (known === undefined) this.#byFirst.set(first, [{ gram, id }]);
      else known.push({ gram, id });
    }
  }

  *inOrder(): Iterable<GramOfText> {
    for (const first of [...this.#byFirst.keys()].sort()) {
      yield* (this.#byFirst.get(first) ?? []).sort((a, b) => (a.gram < b.gram ? -1 : Number(a.gram > b.gram)));
    }
  }
}
