import type { DatabaseSync, StatementSync } from "node:sqlite";
import { gramsIn } from "../db/grams.ts";

/** A sequence of characters that more texts than this contain is not used to search. */
const maxWithGram = 500;
/** Where more texts than this contain the sought text, so do many events. Then looking at each event is faster. */
const maxTexts = 32;
const maxGrams = 8;

/** Finds the texts that contain another text. */
export class TextIndex {
  readonly #count: StatementSync;
  readonly #find: StatementSync;

  constructor(database: DatabaseSync) {
    this.#count = database.prepare("SELECT count(*) AS n FROM (SELECT 1 FROM text_grams WHERE gram = ? LIMIT ?)");
    this.#find = database.prepare(
      `SELECT texts.id FROM text_grams JOIN texts ON texts.id = text_id
       WHERE gram = ? AND instr(text, ?) > 0 LIMIT ?`,
    );
  }

  /** The ids of all texts that contain `sought` (lower case), or null where there are too many to be useful. */
  textsWith(sought: string): number[] | null {
    // Each line of a text is a member of the event, and is looked in by itself.
    if (sought.includes("\n")) return [];
    const counted = gramsIn(sought)
      .slice(0, maxGrams)
      .map((gram) => ({ gram, texts: Number(this.#count.get(gram, maxWithGram)?.["n"]) }));
    const rarest = counted.sort((a, b) => a.texts - b.texts)[0];
    if (rarest === undefined || rarest.texts === maxWithGram) return null;
    const found = this.#find.all(rarest.gram, sought, maxTexts + 1).map(({ id }) => Number(id));
    return found.length > maxTexts ? null : found;
  }
}
