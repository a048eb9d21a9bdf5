import { setImmediate as nextTurn } from "node:timers/promises";

/** Characters that are read in one turn. If every one of them is hostile, that takes some 20 ms. */
export const turnCharacters = 256 * 1024;

/** Gives other requests their turns during long work on texts. */
export class Turns {
  #left = turnCharacters;

  /** Counts characters that were read. Returns whether it is the turn of others: then await `next`. */
  areOver(characters: number): boolean {
    this.#left -= characters;
    return this.#left < 0;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#left = turnCharacters;
  }
}
