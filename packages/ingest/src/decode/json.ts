import { countMembers, isBlank, isWantAction, type Json, limits } from "@gatepost/protocol";
import { bodyReading, readableLevels } from "./limits.ts";
import { skipBlanks } from "./text.ts";

/** A value, or the reason why it cannot be read. */
export type Read = Readable | { unreadable: string };

export interface Readable {
  value: Json;
  /** Flags about how the value was read. */
  flags: readonly string[];
  /** Text after the value that cannot be read. */
  rest?: string;
}

/** The characters that begin a value. A text that begins with another one, as a form does, is not read. */
const beginnings = new Set('{["-0123456789tfn');

/**
 * Reads JSON. Where a key occurs twice in an object, the last one counts, and the value is flagged. Throws TooMany,
 * before anything is parsed, where the body would have too many values.
 */
export function readStrict(text: string, maxLevels: number = readableLevels): Read {
  if (!beginnings.has(text.charAt(skipBlanks(text)))) return { unreadable: "not-json" };
  const reading = bodyReading();
  const { isTooDeep, isTooLong, values, members, longIntegers } = scan(text, maxLevels, reading.left);
  if (isTooDeep) return { unreadable: "nested-too-deep" };
  if (isTooLong) return { unreadable: "not-json" };
  reading.check(values);
  const value = parse(withLongIntegersAsTexts(text, longIntegers));
  if (value === undefined) return { unreadable: "not-json" };
  reading.take(values);
  if (countMembers(value) === members) return { value, flags: [] };
  reading.hasDropped ||= dropsMuch(text);
  return { value, flags: ["duplicate-keys"] };
}

function parse(json: string): Json | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** What is known of JSON text before it is parsed. */
export interface Scan {
  isTooDeep: boolean;
  /** Whether something outside of strings is longer than any number or word of JSON. */
  isTooLong: boolean;
  /**
   * Elements and members as written: more than the parsed value has where a key occurs twice. Infinity where there are
   * too many of any sort.
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
 * Reads everything but the strings. It skips those from quote to quote, so pictures, which are nearly all of a report,
 * cost next to nothing. Ends as soon as the text has too many levels, too long a word, or more
 * than `maxValues` values.
 */
export function scan(text: string, maxLevels: number, maxValues: number): Scan {
  const structure = new Structure(text, maxLevels, maxValues);
  for (let from = 0; from < text.length && !structure.isOver; ) {
    const quote = text.indexOf('"', from);
    const to = quote < 0 ? text.length : quote;
    structure.look(from, to);
    const end = quote < 0 ? -1 : endOfString(text, quote + 1, '"');
    structure.string(quote + 1, end);
    from = end < 0 ? text.length : end + 1;
  }
  return structure;
}

/** The position of the quote that ends a string which begins at `from`; -1 where there is none. */
export function endOfString(text: string, from: number, quote: string): number {
  let end = text.indexOf(quote, from);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf(quote, end + 1);
  return end;
}

/** Whether an odd number of backslashes stands directly before `at`. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === 0x5c) before -= 1;
  return (at - before) % 2 === 0;
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

class Structure implements Scan {
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
  /** Where the last string begins. Before a colon the string is a name. */
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

  look(from: number, to: number): void {
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
      case 0x5b: // [ {
      case 0x7b:
        this.#open();
        break;
      case 0x5d: // ] }
      case 0x7d:
        this.#close(at);
        break;
      case 0x2c: // ,
        this.values += 1;
        break;
      default: // :
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

function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
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
  /** Different in each process, so that nobody outside can choose names that share a bit. */
  static readonly #seed = Math.floor(Math.random() * 2 ** 32);

  /** Adds the name that stands in `text` from `from` to `to`. */
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

/** Where a run of digits begins and ends in a text. */
type Place = readonly [from: number, to: number];

const minus = 0x2d;
const zero = 0x30;
const colon = 0x3a;

/**
 * Replaces each integer that a double cannot hold by a text of its digits: it is an id. Text that is not JSON stays
 * invalid.
 *
 * @param places where runs of digits begin and end outside of strings, in pairs
 */
function withLongIntegersAsTexts(json: string, places: readonly number[]): string {
  const pieces: string[] = [];
  let done = 0;
  for (let index = 0; index + 1 < places.length; index += 2) {
    const place: Place = [Number(places[index]), Number(places[index + 1])];
    if (!isLost(json, place)) continue;
    const [from, to] = withSign(json, place);
    pieces.push(json.slice(done, from), '"', json.slice(from, to), '"');
    done = to;
  }
  return pieces.length === 0 ? json : pieces.join("") + json.slice(done);
}

/** Whether these digits are a whole value, an integer by JSON's rules, and would change as a double. */
function isLost(json: string, [from, to]: Place): boolean {
  if (json.charCodeAt(from) === zero || json.charCodeAt(skipBlanks(json, to)) === colon) return false;
  return to - from > safeDigits || !Number.isSafeInteger(Number(json.slice(from, to)));
}

/** The digits of the largest safe integer. */
const safeDigits = String(Number.MAX_SAFE_INTEGER).length;

function withSign(json: string, [from, to]: Place): Place {
  return [json.charCodeAt(from - 1) === minus ? from - 1 : from, to];
}

/** A quoted text of so few characters is surely just a name or a number. */
const maxWord = 66;

const actionNames = ["want_action", "post_action"];

/** Characters that may surround a word in JSON: quotes and white space, also escaped. */
const besidesWord = /["\s]|\\[nrt]/g;

/**
 * Whether parsing JSON in which a name occurs twice drops more than a word: an object, a list or a long text, for
 * example a picture, or a wish for an action where the last value is a different one. Reads each character once.
 */
export function dropsMuch(json: string): boolean {
  const marks = /["{}[\],:]/g;
  const walk = new Walk(json);
  for (let mark = marks.exec(json); mark !== null && !walk.hasLost; mark = marks.exec(json)) {
    if (mark[0] === '"') marks.lastIndex = walk.string(mark.index);
    else walk.mark(mark[0], mark.index);
  }
  return walk.hasLost;
}

/**
 * An object or list that is open: its members as text, and where the last one begins. A list has no members by name.
 */
interface Open {
  members: Map<string, string>;
  name: string;
  from: number | null;
}

class Walk {
  hasLost = false;
  readonly #json: string;
  readonly #open: Open[] = [];
  #string = "";

  constructor(json: string) {
    this.#json = json;
  }

  /** Takes the string that begins at `from`; returns where it ends. */
  string(from: number): number {
    const to = endOfString(this.#json, from + 1, '"') + 1;
    this.#string = this.#json.slice(from, to);
    return to;
  }

  mark(sign: string, at: number): void {
    const inner = this.#open.at(-1);
    if (inner !== undefined) this.#markIn(inner, sign, at);
    if (sign === "{" || sign === "[") this.#open.push({ members: new Map(), name: "", from: null });
    if (sign === "}" || sign === "]") this.#open.pop();
  }

  #markIn(inner: Open, sign: string, at: number): void {
    if (sign === ":") {
      inner.name = nameIn(this.#string);
      inner.from = at + 1;
    }
    const isEnd = sign === "," || sign === "}";
    if (isEnd && inner.from !== null) this.#member(inner, this.#json.slice(inner.from, at).trim());
  }

  /**
   * Notes a value, which may replace another one of the same name. Texts are compared, not parsed values, because that
   * takes long.
   */
  #member({ members, name }: Open, value: string): void {
    const before = members.get(name);
    members.set(name, value);
    this.hasLost ||= before !== undefined && isMuch(name, before) && before !== value;
  }
}

function nameIn(string: string): string {
  return string.includes("\\") ? JSON.parse(string) : string.slice(1, -1);
}

function isMuch(name: string, value: string): boolean {
  if (/^[{[]/.test(value)) return true;
  return value.length > maxWord || (actionNames.includes(name) && isWantAction(value.replace(besidesWord, "")));
}
