import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { isEscaped, isEscapedByte, marks } from "@gatepost/core/json";
import { decodeDense, decodeDenseBytes, isBlank, type Json, type JsonObject, limits } from "@gatepost/protocol";
import { type Read, readStrict } from "./json.ts";
import { isLossy, withoutMark } from "./text.ts";

/**
 * Strings of at least so many characters are left out of the text. Pictures are that long, and hardly anything else.
 */
const longString = 4096;

/**
 * A body must have at least so many characters for each quote. With more quotes, searching for long strings is not
 * worth it.
 */
const charactersForEachQuote = 512;

/** A JSON string without escapes, and with one byte for each character. */
const plain = /^[ !#-[\]-~]*$/;

/** Characters that are copied at once to be looked at. */
const windowCharacters = 64 * 1024;

/** How the base64 of JPEG and PNG begins. */
const beginnings = ["/9j/", "iVBORw0KGgo"];
const maxBeginningLength = 11;

/** The place of a string in a body: from after its first quote to its last quote. */
interface Span {
  from: number;
  to: number;
}

/** A string, and the mark that replaces it. */
interface Marked extends Span {
  mark: string;
}

/** A body as received: bytes, or the text that API Gateway made of them. */
interface Sent {
  length: number;
  indexOf(code: number, from: number): number;
  codeAt(at: number): number;
  /** Whether an odd number of backslashes is directly before `at`. */
  isEscaped(at: number): boolean;
  /** A part of the body that is ASCII. */
  slice(span: Span): string;
  /** The bytes that a part of the body encodes as base64; null where it is not base64. */
  decode(span: Span): Buffer<ArrayBuffer> | null;
  /** The text with each span replaced by its mark; null where it is not UTF-8. */
  without(spans: readonly Marked[]): string | null;
}

/**
 * Reads JSON in UTF-8 that consists mostly of pictures, without making a text of the whole body: that text would be as
 * large as the body, or twice as large if it has a Chinese character, in addition to the strings made of it. The long
 * strings are cut out, and the rest is read as usual. Null if there is no long string, or the body cannot be read in
 * this way.
 */
export function readLargeJson(body: Buffer | string): (Read & { cut: CutPictures | null }) | null {
  const sent = typeof body === "string" ? sentText(body) : sentBytes(body);
  const spans = longStrings(sent);
  if (spans === null || spans.length === 0) return null;
  const cut = new CutPictures();
  const marked = spans.map((span) => {
    const picture = pictureAt(sent, span);
    return { ...span, mark: cut.add({ picture, text: () => sent.slice(span) }), isPicture: picture !== null };
  });
  const rest = sent.without(marked);
  if (rest === null) return null;
  const text = withoutMark(rest);
  const read = readStrict(text);
  if (!("value" in read) || typeof read.value !== "object" || read.value === null) return null;
  const others = marked.filter(({ isPicture }) => !isPicture);
  if (!others.every((other) => isPlain(sent, other))) return null;
  if (others.length > 0) cut.putBack(read.value, "others");
  return { ...read, flags: isLossy(text) ? ["charset", ...read.flags] : read.flags, cut: cut.hasPictures ? cut : null };
}

function pictureAt(sent: Sent, span: Span): Buffer<ArrayBuffer> | null {
  const begun = sent.slice({ from: span.from, to: span.from + maxBeginningLength });
  return beginnings.some((beginning) => begun.startsWith(beginning)) ? sent.decode(span) : null;
}

/** Looks at a window at a time: a copy of a long string takes as much memory as the string. */
function isPlain(sent: Sent, { from, to }: Span): boolean {
  for (let at = from; at < to; at += windowCharacters) {
    if (!plain.test(sent.slice({ from: at, to: Math.min(at + windowCharacters, to) }))) return false;
  }
  return true;
}

function sentBytes(bytes: Buffer): Sent {
  return {
    length: bytes.length,
    indexOf: (code, from) => bytes.indexOf(code, from),
    codeAt: (at) => Number(bytes[at]),
    isEscaped: (at) => isEscapedByte(bytes, at, 0),
    slice: ({ from, to }) => bytes.toString("latin1", from, to),
    decode: ({ from, to }) => decodeDenseBytes(bytes.subarray(from, to), limits.pictureBytes),
    without(spans) {
      const pieces = pieced(spans, bytes.length, (from, to) => bytes.subarray(from, to), Buffer.from);
      const rest = Buffer.concat(pieces);
      return isUtf8(rest) ? rest.toString("utf8") : null;
    },
  };
}

function sentText(text: string): Sent {
  return {
    length: text.length,
    indexOf: (code, from) => text.indexOf(String.fromCharCode(code), from),
    codeAt: (at) => text.charCodeAt(at),
    isEscaped: (at) => isEscaped(text, at),
    slice: ({ from, to }) => text.slice(from, to),
    decode: ({ from, to }) => decodeDense(text.slice(from, to), limits.pictureBytes),
    without: (spans) => pieced(spans, text.length, (from, to) => text.slice(from, to), String).join(""),
  };
}

/** The pieces between the spans, and the marks that replace the spans. */
function pieced<Piece>(
  spans: readonly Marked[],
  length: number,
  slice: (from: number, to: number) => Piece,
  made: (mark: string) => Piece,
): Piece[] {
  let at = 0;
  const pieces = spans.flatMap(({ from, to, mark }) => {
    const before = slice(at, from);
    at = to;
    return [before, made(mark)];
  });
  return [...pieces, slice(at, length)];
}

/**
 * The long strings without escapes that are not names of members; null if there are too many quotes, or an odd number.
 */
function longStrings(sent: Sent): Span[] | null {
  const quotes = unescapedQuotes(sent);
  if (quotes === null || quotes.length % 2 === 1) return null;
  const spans: Span[] = [];
  let backslashAt = 0;
  for (let index = 0; index < quotes.length; index += 2) {
    const [from, to] = [Number(quotes[index]) + 1, Number(quotes[index + 1])];
    if (to - from < longString || isName(sent, to)) continue;
    if (backslashAt < from) backslashAt = indexOrEnd(sent, marks.backslash, from);
    if (backslashAt > to) spans.push({ from, to });
  }
  return spans;
}

/** The positions of quotes that are not escaped; null if there are too many quotes, escaped or not. */
function unescapedQuotes(sent: Sent): number[] | null {
  const quotes: number[] = [];
  let left = sent.length / charactersForEachQuote;
  for (let quote = sent.indexOf(marks.quote, 0); quote >= 0; quote = sent.indexOf(marks.quote, quote + 1)) {
    if (left-- < 0) return null;
    if (!sent.isEscaped(quote)) quotes.push(quote);
  }
  return quotes;
}

function indexOrEnd(sent: Sent, code: number, from: number): number {
  const index = sent.indexOf(code, from);
  return index < 0 ? sent.length : index;
}

/** Whether a colon follows the string that ends at `to`. */
function isName(sent: Sent, to: number): boolean {
  let next = to + 1;
  while (next < sent.length && isBlank(sent.codeAt(next))) next += 1;
  return next < sent.length && sent.codeAt(next) === marks.colon;
}

/** How the base64 of a JPEG begins. A search for anything else in texts may skip such a text. */
const pictureBeginning = "/9j/";

/** Longer than any name or number, so that no mark is taken for one. */
const markLength = 80;

/** A text that was cut out of a body before the body was parsed. */
export interface Cut {
  /** The bytes of a picture; null if the text is not a picture and must be put back. */
  picture: Buffer<ArrayBuffer> | null;
  /** The text as it was sent. */
  text(): string;
}

/**
 * The long texts that were cut out of a body before it was parsed. Each is replaced by a mark that cannot be guessed.
 * Only the bytes of a picture are needed, and no string is made of it: that string would be most of the cost of a
 * report.
 */
export class CutPictures {
  readonly #secret = randomUUID();
  readonly #cuts: Cut[] = [];

  /** Takes a text that was cut out of a body; returns the mark that replaces it. */
  add(cut: Cut): string {
    this.#cuts.push(cut);
    const beginning = cut.picture === null ? "" : pictureBeginning;
    return `${beginning}${this.#secret}${this.#cuts.length - 1}.`.padEnd(markLength, "x");
  }

  get hasPictures(): boolean {
    return this.#cuts.some(({ picture }) => picture !== null);
  }

  /** The bytes of the picture that a mark replaces; null for any other text. */
  find(mark: string): Buffer<ArrayBuffer> | null {
    return this.#cutOf(mark)?.picture ?? null;
  }

  /** Counts the marks of pictures in a value. */
  countIn(value: unknown): number {
    if (typeof value === "string") return Number(value.includes(this.#secret));
    if (typeof value !== "object" || value === null) return 0;
    return Object.values(value).reduce((sum: number, child) => sum + this.countIn(child), 0);
  }

  /** Puts every text back into a value. Changes the value itself. */
  restored(value: Json): Json {
    if (typeof value === "string") return this.#cutOf(value)?.text() ?? value;
    if (typeof value === "object" && value !== null) this.putBack(value, "all");
    return value;
  }

  /**
   * Puts texts back in the places of their marks, anywhere in a value: all of them, or only those that are not
   * pictures.
   */
  putBack(root: Json[] | JsonObject, which: "all" | "others"): void {
    const open = [root];
    const found = (child: Json): string | undefined => {
      const cut = typeof child === "string" ? this.#cutOf(child) : undefined;
      if (typeof child === "object" && child !== null) open.push(child);
      return cut === undefined || (which === "others" && cut.picture !== null) ? undefined : cut.text();
    };
    for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
      if (Array.isArray(branch)) putBackIntoList(branch, found);
      else putBackIntoObject(branch, found);
    }
  }

  #cutOf(mark: string): Cut | undefined {
    if (mark.length !== markLength) return undefined;
    const [, number] = mark.split(this.#secret);
    return number === undefined ? undefined : this.#cuts[Number.parseInt(number, 10)];
  }
}

/**
 * Frees the memory of pictures that are stored. If it were left to the garbage collector, that would run all the time
 * under many reports.
 */
export function free(pictures: Iterable<Buffer<ArrayBuffer>>): void {
  for (const { buffer, byteLength } of pictures) {
    // A small buffer shares its memory with others.
    if (buffer.byteLength === byteLength) buffer.transfer(0);
  }
}

function putBackIntoList(list: Json[], found: (child: Json) => string | undefined): void {
  for (const [index, child] of list.entries()) {
    const text = found(child);
    if (text !== undefined) list[index] = text;
  }
}

function putBackIntoObject(object: JsonObject, found: (child: Json) => string | undefined): void {
  for (const [key, child] of Object.entries(object)) {
    const text = found(child);
    if (text !== undefined) object[key] = text;
  }
}
