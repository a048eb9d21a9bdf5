import { isBlank, limits } from "@gatepost/protocol";
import { endOfString, isOpening, marks } from "./grammar.ts";

const { comma, colon, openList, openObject, closeList, closeObject } = marks;

/** Reads the parts of JSON text in order. */
export interface JsonVisitor {
  /** Whether the rest need not be read. */
  readonly isOver: boolean;
  /** The text from one string to the next, without their quotes. */
  between(from: number, to: number): void;
  /** The content of a string. `to` is -1 if it does not end. */
  string(from: number, to: number): void;
}

/**
 * Shows a visitor everything in JSON text. It goes from quote to quote, so pictures, which are nearly all of a report,
 * cost next to nothing.
 */
export function visitJson(text: string, visitor: JsonVisitor): void {
  for (let from = 0; from < text.length && !visitor.isOver; ) {
    const quote = text.indexOf('"', from);
    const to = quote < 0 ? text.length : quote;
    visitor.between(from, to);
    const end = quote < 0 ? -1 : endOfString(text, quote + 1, '"');
    visitor.string(quote + 1, end);
    from = end < 0 ? text.length : end + 1;
  }
}

/** The known facts of JSON text before it is parsed. */
export interface Scan {
  isTooDeep: boolean;
  /** Whether something outside of strings is longer than any number or word of JSON. */
  isTooLong: boolean;
  /**
   * Elements and members as written: more than the parsed value has if a key occurs twice. Infinity if there are too
   * many of any sort.
   */
  values: number;
  /** Members of all objects as written. */
  members: number;
  /** Begin and end of each run of digits that may be an integer too large for a double, in pairs. */
  longIntegers: readonly number[];
}

/** Most characters of a number or word. A number with more digits has no meaning, and a word has five. */
const maxWordLength = 1024;

/** An integer of at least so many digits may lose some of them as a double. */
const longInteger = 16;

/**
 * Reads everything but the strings. Ends as soon as the text has too many levels, too long a word, or more than
 * `maxValues` values.
 */
export function scan(text: string, maxLevels: number, maxValues: number): Scan {
  const structure = new Structure(text, maxLevels, maxValues);
  visitJson(text, structure);
  return structure;
}

const [digit, fraction, mark, blank] = [1, 2, 3, 4];
const kinds = new Uint8Array(128);
for (const [characters, kind] of [
  ["0123456789", digit],
  [".eE", fraction],
  ["[]{},:", mark],
  [" \t\r\n", blank],
] as const) {
  for (const character of characters) kinds[character.charCodeAt(0)] = kind;
}

class Structure implements Scan, JsonVisitor {
  isTooDeep = false;
  isTooLong = false;
  values = 0;
  members = 0;
  readonly longIntegers: number[] = [];
  readonly #text: string;
  readonly #maxLevels: number;
  readonly #maxValues: number;
  readonly #names = new SeenNames();
  #level = 0;
  /** The beginning of the last string. Before a colon the string is a name. */
  #stringFrom = 0;
  #stringTo = 0;

  constructor(text: string, maxLevels: number, maxValues: number) {
    this.#text = text;
    this.#maxLevels = maxLevels;
    this.#maxValues = maxValues;
  }

  get isOver(): boolean {
    return this.isTooDeep || this.isTooLong || this.values > this.#maxValues;
  }

  string(from: number, to: number): void {
    this.#stringFrom = from;
    this.#stringTo = to;
  }

  between(from: number, to: number): void {
    let digits = 0;
    let wordFrom = from;
    for (let at = from; at < to && !this.isOver; at++) {
      const kind = kinds[this.#text.charCodeAt(at)];
      if (kind === mark || kind === blank) wordFrom = at + 1;
      this.isTooLong = at - wordFrom >= maxWordLength;
      if (kind === digit) {
        digits += 1;
        continue;
      }
      // Digits before or after a point or an exponent are not an integer.
      if (kind !== fraction) this.#endNumber(digits, at);
      digits = kind === fraction ? Number.NEGATIVE_INFINITY : 0;
      if (kind === mark) this.#mark(at);
    }
    this.#endNumber(digits, to);
  }

  #mark(at: number): void {
    switch (this.#text.charCodeAt(at)) {
      case openList:
      case openObject:
        this.#open();
        break;
      case closeList:
      case closeObject:
        this.#close(at);
        break;
      case comma:
        this.values += 1;
        break;
      case colon:
        this.#member();
    }
  }

  #open(): void {
    this.values += 1;
    this.#level += 1;
    this.isTooDeep ||= this.#level > this.#maxLevels;
  }

  /** Opening counted one value in advance, for the first one. An empty list or object has none. */
  #close(at: number): void {
    if (this.#level > 0) this.#level -= 1;
    if (isOpening(this.#text.charCodeAt(lastBefore(this.#text, at)))) this.values -= 1;
  }

  #member(): void {
    this.members += 1;
    const isTooMany = this.members > limits.values && this.#areTooManyNames();
    if (isTooMany) this.values = Number.POSITIVE_INFINITY;
  }

  /** A name that is new to the parser costs it twenty times as much as a known one. */
  #areTooManyNames(): boolean {
    this.#names.add(this.#text, this.#stringFrom, this.#stringTo);
    return this.#names.count > limits.values;
  }

  #endNumber(digits: number, to: number): void {
    if (digits < longInteger) return;
    this.longIntegers.push(to - digits, to);
    if (this.longIntegers.length > 2 * this.#maxValues) this.values = Number.POSITIVE_INFINITY;
  }
}

function lastBefore(text: string, at: number): number {
  let before = at - 1;
  while (isBlank(text.charCodeAt(before))) before -= 1;
  return before;
}

/**
 * The size of the table in bits. With the most names that are allowed, a few thousand share a bit with another, and
 * then count once.
 */
const bits = 1 << 18;

/** Counts, approximately, how many different names there are, without keeping any. */
class SeenNames {
  count = 0;
  #seen: Uint8Array | null = null;
  /** Different in each process, so that no one outside can choose names that share a bit. */
  static readonly #seed = Math.floor(Math.random() * 2 ** 32);

  /** Adds the name that `text` has from `from` to `to`. */
  add(text: string, from: number, to: number): void {
    this.#seen ??= new Uint8Array(bits >> 3);
    let hash = Math.imul(SeenNames.#seed ^ (to - from), 0x9e3779b1);
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash ^= hash >>> 15;
    const byte = (hash >>> 3) & ((bits >> 3) - 1);
    const bit = 1 << (hash & 7);
    const known = Number(this.#seen[byte]);
    if ((known & bit) !== 0) return;
    this.#seen[byte] = known | bit;
    this.count += 1;
  }
}
