import { setImmediate as nextTurn } from "node:timers/promises";

/** Characters that are looked at in one turn. Where each of them is hostile, that takes some 20 ms. */
export const turnCharacters = 256 * 1024;

/** Gives other requests their turns while much is looked at. */
export class Turns {
  #left = turnCharacters;

  /** Notes what was looked at, in characters. Returns whether it is the others' turn: then await `next`. */
  areOver(characters: number): boolean {
    this.#left -= characters;
    return this.#left < 0;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#left = turnCharacters;
  }
}
