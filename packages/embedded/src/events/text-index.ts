import type { DatabaseSync, StatementSync } from "node:sqlite";
import { gramsIn } from "../db/grams.ts";

/** A sequence of characters that more texts than this contain is not used for searches. */
const maxWithGram = 500;
/** Where more texts than this contain the sought text, so do many events. Then reading each event is faster. */
const maxTexts = 32;
const maxGrams = 8;
/** Searches after which the sequences that too many texts contain are counted again. */
const searchesACount = 1000;

/** Finds the texts that contain another text. */
export class TextIndex {
  readonly #count: StatementSync;
  readonly #find: StatementSync;
  /**
   * Sequences that too many texts contain. Where some of those texts are removed, searches take longer and find the
   * same.
   */
  readonly #common = new Set<string>();
  #searches = 0;

  constructor(database: DatabaseSync) {
    this.#count = database.prepare("SELECT count(*) AS n FROM (SELECT 1 FROM text_grams WHERE gram = ? LIMIT ?)");
    this.#find = database.prepare(
      `SELECT texts.id FROM text_grams JOIN texts ON texts.id = text_id
       WHERE gram = ? AND instr(text, ?) > 0 LIMIT ?`,
    );
  }

  /** The ids of all texts that contain `sought` (lower case); null where there are too many to be useful. */
  textsWith(sought: string): number[] | null {
    // Each line of a text is a member of the event, and is searched on its own.
    if (sought.includes("\n")) return [];
    this.#searches += 1;
    if (this.#searches % searchesACount === 0) this.#common.clear();
    const counted = gramsIn(sought)
      .slice(0, maxGrams)
      .map((gram) => ({ gram, texts: this.#textsWithGram(gram) }));
    const rarest = counted.sort((a, b) => a.texts - b.texts)[0];
    if (rarest === undefined || rarest.texts === maxWithGram) return null;
    const found = this.#find.all(rarest.gram, sought, maxTexts + 1).map(({ id }) => Number(id));
    return found.length > maxTexts ? null : found;
  }

  /** How many texts contain a sequence. Counts only as far as needed. */
  #textsWithGram(gram: string): number {
    if (this.#common.has(gram)) return maxWithGram;
    const texts = Number(this.#count.get(gram, maxWithGram)?.["n"]);
    if (texts === maxWithGram) this.#common.add(gram);
    return texts;
  }
}
