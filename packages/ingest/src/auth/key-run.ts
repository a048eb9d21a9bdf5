/** Random characters behind the prefix of a key that opens anything, at least. New keys have 27. */
export const fewestRandom = 20;

/** Characters of a run that are kept: no key is as long. */
const keptCharacters = 128;

/** Characters of a run that are looked at one by one: up to there that is faster than a pattern. */
const nearCharacters = 64;

const backslash = 0x5c;
const notOfKey = /[^\w-]/;
const isOfKey = Array.from({ length: 128 }, (_, code) => /[\w-]/.test(String.fromCharCode(code)));

/** A character of a key as it reads, and where what it is written as ends. */
interface Char {
  char: string;
  to: number;
}

/**
 * The letters, digits, `_` and `-` that follow each other in a text, plain or escaped, behind the prefix of a key. They
 * may be as many as the text has: they are read a turn at a time, and only as many are kept as a key may have.
 */
export class KeyRun {
  /** Up to where it was read. */
  at: number;
  /** How many characters it has up to there. */
  length = 0;
  /** The first of them. */
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

  /** Whether there are as many characters as a key has at least. */
  isOfKey(): boolean {
    while (!this.isOver && this.length < fewestRandom) this.#step(this.at + fewestRandom);
    return this.length >= fewestRandom;
  }

  /** Reads on, up to about `to`. */
  readTo(to: number): void {
    while (!this.isOver && this.at < to) this.#step(to);
  }

  /** Reads plain characters before `to`, and the escaped one behind them. */
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

/** The letter, digit, `_` or `-` at `at`, plain or escaped; null where there is none. */
export function charAt(text: string, at: number): Char | null {
  if (isOfKey[text.charCodeAt(at)] === true) return { char: text.charAt(at), to: at + 1 };
  return escapedAt(text, at);
}

/** JSON within JSON has two backslashes or more where one is meant. */
export function startOfEscape(text: string, at: number): number {
  let from = at;
  if (text.charCodeAt(at) === backslash) while (text.charCodeAt(from - 1) === backslash) from -= 1;
  return from;
}

/** Where the letters, digits, `_` and `-` end that begin at `from`; `most` where they go on. */
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

/** What two hexadecimal digits stand for; a character that no key has where they are none. */
function charOfHex(digits: string): string {
  return /^[0-9a-f]{2}$/i.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : "\0";
}
