import type { DatabaseSync, StatementSync } from "node:sqlite";
import { gramsIn } from "../db/grams.ts";

/** A run of characters that more texts than this have tells nothing. */
const maxWithGram = 500;
/** Where more texts than this hold what is sought, so do many events: they are found faster by looking at each. */
const maxTexts = 32;
const maxGrams = 8;

/** Finds the texts that hold another text. */
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

  /** The ids of all texts that hold `sought` (lower case), or null where they are too many to be of use. */
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
