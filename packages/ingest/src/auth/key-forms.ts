import { setImmediate as nextTurn } from "node:timers/promises";
import { turnCharacters } from "../turns.ts";

/** Where a text has the form of a key, and the key as it reads once escapes are resolved. */
export interface KeyForm {
  from: number;
  to: number;
  key: string;
}

/** Random characters behind the prefix of a key that opens anything, at least. New keys have 27. */
export const fewestRandom = 20;

/** The first two letters of a key where none of them is escaped, as in nearly every text. */
const plainStart = /gp/g;
/** The same, or the escape of one of them: percent-encoded, or as in JSON or Python. */
const anyStart = /gp|(?:%|\\(?:u00|x))(?:67|70)/g;
/** Characters of the longest start, less one: so many of the next turn may belong to a start of this one. */
const startOverlap = 5;

const backslash = 0x5c;
const notOfKey = /[^\w-]/;

/** Everything in a text that has the form of a key, in its order, also where characters of it are escaped. */
export function keyFormsIn(text: string): KeyForm[] {
  if (text.length < fewestRandom || !hasStart(text)) return [];
  const search = new Search(text);
  while (!search.isOver) search.go();
  return search.found;
}

/** Whether a key may begin anywhere in a text: in nearly every one none does. */
function hasStart(text: string): boolean {
  return text.includes("gp") || text.includes("%") || text.includes("\\");
}

/** The same for a text of any length: others have their turns meanwhile. */
export async function keyFormsOf(text: string): Promise<KeyForm[]> {
  const search = new Search(text);
  while (!search.isOver) {
    search.go();
    if (text.length > turnCharacters) await nextTurn();
  }
  return search.found;
}

class Search {
  readonly found: KeyForm[] = [];
  readonly #text: string;
  #at = 0;
  /** The end of the last form. */
  #done = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isOver(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Looks at what belongs to one turn. */
  go(): void {
    const from = this.#at;
    this.#at += turnCharacters;
    const part = this.#text.slice(from, this.#at + startOverlap);
    const starts = part.includes("%") || part.includes("\\") ? anyStart : plainStart;
    for (const { index } of part.matchAll(starts)) this.#take(from + index);
    // A form may be as long as several turns.
    this.#at = Math.max(this.#at, this.#done);
  }

  #take(start: number): void {
    const form = start < this.#done ? null : formAt(this.#text, startOfEscape(this.#text, start));
    if (form === null || form.from < this.#done) return;
    this.found.push(form);
    this.#done = form.to;
  }
}

/** The form of a key around its first or second letter: `gpi_`, `gpr_` or `gpa_`, and enough letters, digits, `_` and `-`. */
function formAt(text: string, at: number): KeyForm | null {
  const letter = charAt(text, at);
  const from = letter?.char === "p" ? at - 1 : at;
  const prefix = prefixFrom(text, from);
  if (prefix === null) return null;
  const { random, to } = randomFrom(text, prefix.to);
  return random.length < fewestRandom ? null : { from, to, key: `gp${prefix.scope}_${random}` };
}

function prefixFrom(text: string, from: number): { scope: string; to: number } | null {
  let to = from;
  let read = "";
  for (const chars of ["g", "p", "ira", "_"]) {
    const next = charAt(text, to);
    if (next === null || !chars.includes(next.char)) return null;
    read += next.char;
    to = next.to;
  }
  return { scope: read.charAt(2), to };
}

/** The letter, digit, `_` or `-` at `at`, plain or escaped; null where there is none. */
function charAt(text: string, at: number): { char: string; to: number } | null {
  if (isOfKey[text.charCodeAt(at)] === true) return { char: text.charAt(at), to: at + 1 };
  return escapedAt(text, at);
}

/** JSON within JSON has two backslashes or more where one is meant. */
function startOfEscape(text: string, at: number): number {
  let from = at;
  if (text.charCodeAt(at) === backslash) while (text.charCodeAt(from - 1) === backslash) from -= 1;
  return from;
}

/** What two hexadecimal digits stand for; a character that no key has where they are none. */
function charOfHex(digits: string): string {
  return /^[0-9a-f]{2}$/i.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : "\0";
}

function randomFrom(text: string, from: number): { random: string; to: number } {
  const pieces: string[] = [];
  for (let plainFrom = from; ; ) {
    const plainTo = endOfPlain(text, plainFrom);
    if (plainTo > plainFrom) pieces.push(text.slice(plainFrom, plainTo));
    const next = escapedAt(text, plainTo);
    if (next === null) return { random: pieces.join(""), to: plainTo };
    pieces.push(next.char);
    plainFrom = next.to;
  }
}

/** Characters of a run that are looked at one by one: up to there that is faster than a pattern. */
const nearCharacters = 64;

/** Where the letters, digits, `_` and `-` end that begin at `from`. */
function endOfPlain(text: string, from: number): number {
  let to = from;
  for (const near = from + nearCharacters; to < near; to++) if (isOfKey[text.charCodeAt(to)] !== true) return to;
  for (; to < text.length; to += turnCharacters) {
    const end = text.slice(to, to + turnCharacters).search(notOfKey);
    if (end >= 0) return to + end;
  }
  return text.length;
}

const isOfKey = Array.from({ length: 128 }, (_, code) => /[\w-]/.test(String.fromCharCode(code)));

/** The escaped letter, digit, `_` or `-` at `at`; null where there is none. */
function escapedAt(text: string, at: number): { char: string; to: number } | null {
  const lead = text.charCodeAt(at);
  let from = at;
  while (text.charCodeAt(from) === backslash) from += 1;
  const sign = lead === 0x25 ? "%" : from === at ? "" : text.startsWith("u00", from) ? "u00" : "x";
  if (sign === "" || !text.startsWith(sign, from)) return null;
  const to = from + sign.length + 2;
  const char = charOfHex(text.slice(to - 2, to));
  return /^[\w-]$/.test(char) ? { char, to } : null;
}
