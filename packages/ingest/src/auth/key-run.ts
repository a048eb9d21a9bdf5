import { shownAs, writtenAt } from "./written-character.ts";

/** The fewest random characters after the prefix of a key. New keys have 27. */
export const fewestRandom = 20;

/** How many characters of a run are kept: no key is longer. */
const keptCharacters = 128;

/** How many characters of a run are looked at one by one: for so few that is faster than a pattern. */
const nearCharacters = 64;

/** A new key has so many. Behind them a line break ends a key: the next line may begin with anything. */
const usualRandom = 27;

/** Characters between two of a key that show nothing and are passed, at most. */
const maxHidden = 8;

const backslash = 0x5c;
const notOfKey = /[^\w-]/;
const isOfKey = Array.from({ length: 128 }, (_, code) => /[\w-]/.test(String.fromCharCode(code)));

/** One character of a key with its escape resolved, and where its written form ends. */
interface Char {
  char: string;
  to: number;
}

/**
 * The letters, digits, `_` and `-` that follow the prefix of a key in a text, plain or escaped. A run may be as long as
 * the text: it is read turn by turn, and only as many characters are kept as a key can have.
 */
export class KeyRun {
  /** How far it was read. */
  at: number;
  /** How many characters the run has so far. */
  length = 0;
  /** The first characters of the run. */
  kept = "";
  readonly #text: string;
  #isEnded = false;

  constructor(text: string, from: number) {
    this.#text = text;
    this.at = from;
  }

  get isOver(): boolean {
    return this.#isEnded || this.at >= this.#text.length;
  }

  /** Whether the run has at least as many characters as a key. */
  isOfKey(): boolean {
    while (!this.isOver && this.length < fewestRandom) this.#step(this.at + fewestRandom);
    return this.length >= fewestRandom;
  }

  /** Reads on to about `to`. */
  readTo(to: number): void {
    while (!this.isOver && this.at < to) this.#step(to);
  }

  /** Reads plain characters before `to`, and the escaped character after them. */
  #step(to: number): void {
    const plainTo = endOfPlain(this.#text, this.at, to);
    this.#take(this.#text.slice(this.at, plainTo), plainTo);
    if (plainTo >= to) return;
    const next = charAt(this.#text, plainTo, { isBreakPassed: this.length < usualRandom });
    if (next === null) this.#isEnded = true;
    else this.#take(next.char, next.to);
  }

  #take(characters: string, to: number): void {
    this.at = to;
    this.length += characters.length;
    if (this.kept.length < keptCharacters) this.kept += characters.slice(0, keptCharacters - this.kept.length);
  }
}

/** The next letter, digit, `_` or `-` from `at` on, in any way of writing it; null if another character is before it. */
export function charAt(text: string, at: number, { isBreakPassed = true } = {}): Char | null {
  let from = at;
  for (let hidden = 0; hidden <= maxHidden; hidden++) {
    if (isOfKey[text.charCodeAt(from)] === true) return { char: text.charAt(from), to: from + 1 };
    const written = writtenAt(text, from);
    const char = written === null ? null : shownAs(written.code, isBreakPassed);
    if (written === null || char === null) return null;
    if (char !== "") return { char, to: written.to };
    from = written.to;
  }
  return null;
}

/** Where the escape at `at` begins. JSON within JSON has several backslashes in the place of one. */
export function startOfEscape(text: string, at: number): number {
  let from = at;
  if (text.charCodeAt(at) === backslash) while (text.charCodeAt(from - 1) === backslash) from -= 1;
  return from;
}

/** Where the plain letters, digits, `_` and `-` from `from` on end; at most `most`. */
function endOfPlain(text: string, from: number, most: number): number {
  let to = from;
  for (const near = Math.min(from + nearCharacters, most); to < near; to++) {
    if (isOfKey[text.charCodeAt(to)] !== true) return to;
  }
  const end = text.slice(to, most).search(notOfKey);
  return end < 0 ? Math.min(most, text.length) : to + end;
}
