import type { DatabaseSync, StatementSync } from "node:sqlite";
import { gramsIn, lastGramWith } from "../db/functions.ts";
import { blockSize } from "./new-texts.ts";

/** A sequence of characters that more texts than this contain is not used for searches. */
const maxWithGram = 500;
/** If more texts than this contain the sought text, so do many events. Then reading each event is faster. */
const maxTexts = 32;
const maxGrams = 8;
/** Searches after which the sequences that too many texts contain are counted again. */
const searchesACount = 1000;

/** The blocks of the index, and the rows in them whose grams are from ?1 to ?2. */
const rows = `WITH RECURSIVE blocks (number) AS
     (SELECT 0 UNION ALL SELECT number + 1 FROM blocks WHERE number < (SELECT id FROM indexed_texts) / ${blockSize} - 1)
   SELECT DISTINCT text_id AS id FROM blocks CROSS JOIN text_grams ON block = number AND gram BETWEEN ?1 AND ?2`;

/** Finds the texts that contain another text. */
export class TextIndex {
  readonly #count: StatementSync;
  readonly #find: StatementSync;
  /**
   * Sequences that too many texts contain. If some of those texts are removed, searches take longer and find the same.
   */
  readonly #common = new Set<string>();
  #searches = 0;

  constructor(database: DatabaseSync) {
    this.#count = database.prepare(`SELECT count(*) AS n FROM (${rows} LIMIT ?3)`);
    this.#find = database.prepare(
      `SELECT id FROM (
         SELECT id FROM texts WHERE id > (SELECT id FROM indexed_texts)
         UNION ALL SELECT * FROM (${rows})
       ) CROSS JOIN texts USING (id) WHERE instr(text, ?3) > 0 LIMIT ?4`,
    );
  }

  /** The ids of all texts that contain `sought` (as `searchable` makes it); null if there are too many to be useful. */
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
    const found = this.#find
      .all(rarest.gram, lastGramWith(rarest.gram), sought, maxTexts + 1)
      .map(({ id }) => Number(id));
    return found.length > maxTexts ? null : found;
  }

  /** How many texts contain a sequence. Counts only as far as needed. */
  #textsWithGram(gram: string): number {
    if (this.#common.has(gram)) return maxWithGram;
    const texts = Number(this.#count.get(gram, lastGramWith(gram), maxWithGram)?.["n"]);
    if (texts === maxWithGram) this.#common.add(gram);
    return texts;
  }
}
