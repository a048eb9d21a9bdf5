import { endOfString, jsonNumber, marks } from "@gatepost/core/json";
import { isBlank } from "@gatepost/protocol";
import { type Read, readStrict } from "./json.ts";
import { bodyReading, readableLevels } from "./limits.ts";
import { hexDigit, readBytes, skipBlanks } from "./text.ts";

/** A batch of a hundred reports has a few thousand tokens. This limits the cost of a hostile body. */
const maxTokens = 1_000_000;

/**
 * Reads text that is nearly JSON: Python's repr, and the examples in the vendor's documents, with comments, full-width,
 * trailing and missing commas, unquoted keys, ellipses and single quotes. It is rewritten as JSON and then read as
 * JSON, so a text that is cut off stays unreadable. docs/formats.md §5.2, §5.3.
 */
export function readTolerant(text: string, maxLevels: number = readableLevels): Read {
  bodyReading().takeTolerant(text.length);
  const json = new Rewriting(text, maxLevels).json();
  if (json === null) return { unreadable: "not-json" };
  const read = readStrict(json, maxLevels);
  return "value" in read ? { value: read.value, flags: ["tolerant-parse", ...read.flags] } : read;
}

type Previous = "start" | "open" | "comma" | "colon" | "value";

class Rewriting {
  readonly #text: string;
  readonly #maxLevels: number;
  readonly #pieces: string[] = [];
  #previous: Previous = "start";
  /** A word that is a key if a colon follows, else a value. */
  #word: string | null = null;
  #level = 0;
  #isWrong = false;

  constructor(text: string, maxLevels: number) {
    this.#text = text;
    this.#maxLevels = maxLevels;
  }

  /** The text as JSON; null if that is not possible. */
  json(): string | null {
    let at = 0;
    for (let tokens = 0; at < this.#text.length && !this.#isWrong; tokens++) {
      const token = tokenAt(this.#text, at);
      if (token === null || tokens === maxTokens) return null;
      at = this.#take(token, at);
    }
    this.#settleWord();
    return this.#isWrong ? null : this.#pieces.join("");
  }

  /** Takes one token; returns the place of the next one. */
  #take({ kind, end }: Token, at: number): number {
    if (kind === "nothing") return end;
    if (kind === "colon") this.#colon();
    else this.#settleWord();
    if (kind === "quote") return this.#string(this.#text.slice(at, end - 1), this.#text.charAt(end - 1), end);
    if (kind === "open") this.#open(this.#text.charAt(at));
    if (kind === "close") this.#close(this.#text.charAt(at));
    if (kind === "comma") this.#comma();
    if (kind === "word") this.#word = this.#text.slice(at, end);
    return end;
  }

  #open(bracket: string): void {
    this.#value(bracket === "{" ? "{" : "[");
    this.#previous = "open";
    this.#level += 1;
    this.#isWrong ||= this.#level > this.#maxLevels;
  }

  #close(bracket: string): void {
    if (this.#previous === "comma") this.#pieces.pop();
    this.#pieces.push(bracket === "}" ? "}" : "]");
    this.#previous = "value";
    this.#level -= 1;
  }

  /** An unneeded comma is ignored. */
  #comma(): void {
    if (this.#previous !== "value") return;
    this.#pieces.push(",");
    this.#previous = "comma";
  }

  #colon(): void {
    if (this.#word !== null) this.#value(JSON.stringify(this.#word));
    this.#word = null;
    this.#pieces.push(":");
    this.#previous = "colon";
  }

  #string(prefix: string, quote: string, from: number): number {
    const end = endOfString(this.#text, from, quote);
    this.#isWrong ||= end < 0;
    if (end < 0) return this.#text.length;
    this.#value(stringAsJson(prefix, this.#text.slice(from, end)));
    return end + 1;
  }

  #settleWord(): void {
    const word = this.#word;
    this.#word = null;
    if (word === null) return;
    const isEllipsis = word === "…" || word === "...";
    if (isEllipsis && this.#previous !== "colon") return;
    const json = isEllipsis ? JSON.stringify(word) : wordAsJson(word);
    this.#isWrong ||= json === null;
    this.#value(json ?? "");
  }

  #value(json: string): void {
    if (this.#previous === "value") this.#pieces.push(",");
    this.#pieces.push(json);
    this.#previous = "value";
  }
}

type TokenKind = "nothing" | "open" | "close" | "comma" | "colon" | "quote" | "word";

/** The next token of a text that is nearly JSON. */
interface Token {
  kind: TokenKind;
  /** The end of the token, or of a string's opening quote. */
  end: number;
}

const signs = new Map<string, TokenKind>([
  ..."{[(".split("").map((sign) => [sign, "open"] as const),
  ..."}])".split("").map((sign) => [sign, "close"] as const),
  ...",，".split("").map((sign) => [sign, "comma"] as const),
  ...":：".split("").map((sign) => [sign, "colon"] as const),
  ...`"'`.split("").map((sign) => [sign, "quote"] as const),
]);
const kinds = new Map([...signs].map(([sign, kind]) => [sign.charCodeAt(0), kind]));
const slash = 0x2f;
const asterisk = 0x2a;
/** The prefixes of strings in Python: b, u, r, or two of them. */
const prefixes = new Set([..."burBUR"].map((letter) => letter.charCodeAt(0)));
const maxPrefixLength = 2;
/** Most characters of a name without quotes. Other kinds of text have words of any length. */
const maxWordLength = 1024;

/** The token at `at`, after white space and comments; null if there is none. */
export function tokenAt(text: string, at: number): Token | null {
  const code = text.charCodeAt(at);
  const kind = kinds.get(code);
  if (kind !== undefined) return { kind, end: at + 1 };
  if (isBlank(code)) return { kind: "nothing", end: skipBlanks(text, at) };
  if (code === slash) return comment(text, at);
  const quote = afterPrefix(text, at);
  if (quote !== null) return { kind: "quote", end: quote };
  const end = endOfWord(text, at);
  return end - at > maxWordLength ? null : { kind: "word", end };
}

function comment(text: string, at: number): Token | null {
  const second = text.charCodeAt(at + 1);
  if (second !== slash && second !== asterisk) return null;
  const isLine = second === slash;
  const end = isLine ? text.indexOf("\n", at) : text.indexOf("*/", at + 2);
  if (end < 0) return isLine ? { kind: "nothing", end: text.length } : null;
  return { kind: "nothing", end: isLine ? end : end + 2 };
}

/** The position after the opening quote of a string with a prefix; null if there is none. */
function afterPrefix(text: string, at: number): number | null {
  let end = at;
  while (end - at < maxPrefixLength && prefixes.has(text.charCodeAt(end))) end += 1;
  return end > at && kinds.get(text.charCodeAt(end)) === "quote" ? end + 1 : null;
}

function endOfWord(text: string, at: number): number {
  const last = Math.min(text.length, at + maxWordLength + 1);
  let end = at + 1;
  while (end < last && !endsWord(text.charCodeAt(end))) end += 1;
  return end;
}

const plain = Array.from({ length: 128 }, (_, code) => !kinds.has(code) && code !== slash && !isBlank(code));

function endsWord(code: number): boolean {
  return !(plain[code] ?? !(kinds.has(code) || isBlank(code)));
}

const looseNumber = /^-?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;
const notNumbers = /^[-+]?(nan|inf|infinity)$/i;
const constants = new Map([
  ["true", "true"],
  ["false", "false"],
  ["none", "null"],
  ["null", "null"],
  ["undefined", "null"],
]);

/** A longer word is neither a constant nor a number. */
const maxLiteralLength = 400;

/**
 * Writes an unquoted word as JSON: constants of Python and JSON in any case, and numbers. A number that JSON does not
 * allow (NaN, 007) becomes a text, so that it is kept as it was sent. Null for any other word.
 */
function wordAsJson(word: string): string | null {
  if (word.length > maxLiteralLength) return null;
  const constant = constants.get(word.toLowerCase());
  if (constant !== undefined) return constant;
  const number = word.replace(/^\+|l$/gi, "");
  if (jsonNumber.test(number)) return number;
  if (notNumbers.test(word) || /^-?0\d+$/.test(number)) return JSON.stringify(word);
  return looseNumber.test(number) ? JSON.stringify(Number(number)) : null;
}

/**
 * Writes the content of a string, quoted in either way, as JSON; `prefix` is Python's letter before it (`u`, `b`, `r`).
 */
function stringAsJson(prefix: string, content: string): string {
  const kind = prefix.toLowerCase();
  const text = kind.includes("r") ? content : unescaped(content);
  return JSON.stringify(kind.includes("b") ? readBytes(Buffer.from(text, "latin1"), "").text : text);
}

/** The characters for escapes of one letter. Any other character after a backslash is itself. */
const single = new Map(
  Object.entries({ n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v", a: "\u0007", "0": "\0" }).map(
    ([letter, meaning]) => [letter.charCodeAt(0), meaning.charCodeAt(0)],
  ),
);
/** How many hexadecimal digits follow x, u and U. */
const codeLengths = new Map([
  [0x78, 2],
  [0x75, 4],
  [0x55, 8],
]);
const replacement = 0xfffd;

/** Resolves the escapes of Python and JavaScript in a text, in one pass. */
function unescaped(content: string): string {
  if (!content.includes("\\")) return content;
  const units = new Uint16Array(content.length);
  const writer = new UnitWriter(units);
  for (let at = 0; at < content.length; ) {
    const code = content.charCodeAt(at);
    if (code === marks.backslash && at + 1 < content.length) at = writeEscape(content, at + 1, writer);
    else {
      writer.unit(code);
      at += 1;
    }
  }
  return writer.text;
}

/** Writes UTF-16 units. An escape is never shorter than its character, so a buffer of the text's length suffices. */
class UnitWriter {
  readonly #units: Uint16Array;
  #length = 0;
  #all = 0;

  constructor(units: Uint16Array) {
    this.#units = units;
  }

  /** The written text. Without wide characters it takes half the memory, and half the time to read. */
  get text(): string {
    const units = this.#units.subarray(0, this.#length);
    if (this.#all <= 0xff) return Buffer.from(units).toString("latin1");
    return Buffer.from(units.buffer, 0, units.byteLength).toString("utf16le");
  }

  unit(unit: number): void {
    this.#units[this.#length] = unit;
    this.#length += 1;
    this.#all |= unit;
  }

  character(code: number): void {
    if (code > 0x10ffff) this.unit(replacement);
    else if (code <= 0xffff) this.unit(code);
    else {
      this.unit(0xd800 + ((code - 0x10000) >> 10));
      this.unit(0xdc00 + ((code - 0x10000) & 0x3ff));
    }
  }
}

/** Writes the character of the escape whose letter is at `at`; returns the place where the text continues. */
function writeEscape(content: string, at: number, writer: UnitWriter): number {
  const letter = content.charCodeAt(at);
  const length = codeLengths.get(letter);
  const code = length === undefined ? null : hexAt(content, at + 1, length);
  if (length !== undefined && code !== null) {
    writer.character(code);
    return at + 1 + length;
  }
  const newline = newlineAt(content, at);
  if (newline === 0) writer.unit(single.get(letter) ?? letter);
  return at + Math.max(1, newline);
}

/** The length of the line end at `at`; 0 if there is none. A line end after a backslash is dropped. */
function newlineAt(content: string, at: number): number {
  if (content.startsWith("\n", at)) return 1;
  return content.startsWith("\r\n", at) ? 2 : 0;
}

/** The number that `length` hexadecimal digits mean; null where they are not hexadecimal. */
function hexAt(content: string, at: number, length: number): number | null {
  let number = 0;
  for (let next = at; next < at + length; next++) {
    const digit = hexDigit(content.charCodeAt(next));
    if (digit === null) return null;
    number = number * 16 + digit;
  }
  return number;
}
