/** The fewest random characters after the prefix of a key. New keys have 27. */
export const fewestRandom = 20;

/** How many characters of a run are kept: no key is longer. */
const keptCharacters = 128;

/** How many characters of a run are looked at one by one: for so few that is faster than a pattern. */
const nearCharacters = 64;

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
    const next = escapedAt(this.#text, plainTo);
    if (next === null) this.#isEnded = true;
    else this.#take(next.char, next.to);
  }

  #take(characters: string, to: number): void {
    this.at = to;
    this.length += characters.length;
    if (this.kept.length < keptCharacters) this.kept += characters.slice(0, keptCharacters - this.kept.length);
  }
}

/** The letter, digit, `_` or `-` at `at`, plain or escaped; null for any other character. */
export function charAt(text: string, at: number): Char | null {
  if (isOfKey[text.charCodeAt(at)] === true) return { char: text.charAt(at), to: at + 1 };
  return escapedAt(text, at);
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

/** The escaped letter, digit, `_` or `-` at `at`; null where there is none. */
function escapedAt(text: string, at: number): Char | null {
  const lead = text.charCodeAt(at);
  let from = at;
  while (text.charCodeAt(from) === backslash) from += 1;
  const sign = lead === 0x25 ? "%" : from === at ? "" : text.startsWith("u00", from) ? "u00" : "x";
  if (sign === "" || !text.startsWith(sign, from)) return null;
  const to = from + sign.length + 2;
  const char = charOfHex(text.slice(to - 2, to));
  return /^[\w-]$/.test(char) ? { char, to } : null;
}

/** The character for two hexadecimal digits. Where they are not hexadecimal, a character that no key has. */
function charOfHex(digits: string): string {
  return /^[0-9a-f]{2}$/i.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : "\0";
}
