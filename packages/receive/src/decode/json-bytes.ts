import { endOfByteString, isEscapedByte, isOpening, marks } from "@gatepost/core/json";
import { maxReports, maxValues, readableLevels, TooMany } from "./limits.ts";

const { quote, comma, colon, openList, openObject, closeList, closeObject } = marks;

/** Walks over JSON in UTF-8 from mark to mark, without parsing. It skips strings from quote to quote. */
export class JsonWalker {
  readonly bytes: Uint8Array;
  /** The position after the last mark. */
  at = 0;
  /** How many lists and objects are open. */
  level = 0;
  /** How many values have begun so far, or a few more: an empty list counts as one value too many. */
  values = 0;
  /** The beginning of the last string's content. Before a colon the string is a name. */
  stringFrom = 0;
  stringTo = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /**
   * Goes to the next comma or colon in a list or object of that level, or to the next bracket that opens or closes one.
   * Returns that byte; 0 if there is none before `to`.
   */
  next(level: number, to: number): number {
    while (this.at < to) {
      const byte = Number(this.bytes[this.at]);
      this.at += 1;
      if (byte === quote) this.#skipString();
      else if (byte >= comma && this.#isMark(byte, level)) return byte;
    }
    return 0;
  }

  #isMark(byte: number, level: number): boolean {
    switch (byte) {
      case comma:
        this.values += 1;
        return this.level === level;
      case colon:
        return this.level === level;
      case openList:
      case openObject:
        this.values += 1;
        this.level += 1;
        return this.level === level;
      case closeList:
      case closeObject:
        this.level -= 1;
        return this.level === level - 1;
      default:
        return false;
    }
  }

  #skipString(): void {
    const end = endOfByteString(this.bytes, this.at);
    this.stringFrom = this.at;
    this.stringTo = end < 0 ? this.bytes.length : end;
    this.at = this.stringTo + 1;
  }
}

/** Only a string of so many bytes may hold a text that is parsed itself. A picture has no commas. */
const longString = 1024;

/** In the binary bytes of a picture one in 85 looks like a comma or a bracket. */
const bytesPerMark = 32;

/** The bytes that mark the begin and end of values, plain and as a form encodes them. */
const isMark = new Uint8Array(256);
for (const mark of '",[]{}%') isMark[mark.charCodeAt(0)] = 1;

/**
 * Counts possible values and reports in bytes that arrive piece by piece. So a body of millions is refused before it is
 * in memory completely, and before its text is made. A body that passes is counted again, exactly, before it is parsed.
 */
export class Crowd {
  #values = 0;
  #roots = 0;
  #level = 0;
  #bytes = 0;
  #isBinary = false;
  #isInString = false;
  #stringBytes = 0;
  /** Whether the last byte of the previous piece escapes the first byte of the next one. */
  #isEscaping = false;
  /** The last mark outside strings. */
  #last = 0;

  /** How many bytes it has seen. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Throws TooMany as soon as there are too many. */
  see(piece: Uint8Array): void {
    if (this.#bytes === 0) this.#isBinary = isForm(piece) || isNoText(piece);
    this.#bytes += piece.length;
    for (let at = 0; at < piece.length; ) at = this.#isInString ? this.#string(piece, at) : this.#structure(piece, at);
    this.#check();
  }

  #check(): void {
    const allowance = this.#isBinary ? this.#bytes / bytesPerMark : 0;
    // A list or object that was opened just now may still turn out empty.
    const values = this.#values - Number(isOpening(this.#last));
    if (values > maxValues + allowance) throw new TooMany("too-many-values");
    if (this.#roots > maxReports && !this.#isBinary) throw new TooMany("too-many-reports");
  }

  /** Returns the position after the quote that ends the string, or the end of the piece. */
  #string(piece: Uint8Array, begin: number): number {
    const from = begin + Number(this.#isEscaping);
    const end = endOfByteString(piece, from);
    const to = end < 0 ? piece.length : end;
    this.#stringBytes += to - begin;
    if (this.#stringBytes > longString) this.#commas(piece, from, to);
    this.#isEscaping = end < 0 && isEscapedByte(piece, to, from);
    this.#isInString = end < 0;
    return end < 0 ? to : end + 1;
  }

  #commas(piece: Uint8Array, from: number, to: number): void {
    for (let at = piece.indexOf(comma, from); at >= 0 && at < to; at = piece.indexOf(comma, at + 1)) {
      this.#values += 1;
      if (this.#values > maxValues) this.#check();
    }
  }

  /** Returns the position after the next quote that begins a string, or the end of the piece. */
  #structure(piece: Uint8Array, from: number): number {
    for (let at = from; at < piece.length; at++) {
      const byte = Number(piece[at]);
      if (isMark[byte] !== 1) continue;
      if (byte === quote) {
        this.#isInString = true;
        this.#stringBytes = 0;
        return at + 1;
      }
      this.#mark(byte, piece, at);
    }
    return piece.length;
  }

  #mark(byte: number, piece: Uint8Array, at: number): void {
    const before = this.#last;
    this.#last = byte;
    if (byte === comma || (byte === 0x25 && isEscapedMark(piece[at + 1], piece[at + 2]))) this.#count();
    else if (isOpening(byte)) this.#open();
    else if (byte === closeList || byte === closeObject) this.#close(lastBefore(piece, at) ?? before);
  }

  #open(): void {
    if (this.#level === 0) this.#roots += 1;
    this.#level += 1;
    // Values that are nested deeper are not parsed.
    if (this.#level <= readableLevels) this.#count();
  }

  /** Opening counted one value in advance, for the first one. An empty list or object has none. */
  #close(before: number): void {
    if (this.#level > 0) this.#level -= 1;
    if (isOpening(before)) this.#values -= 1;
  }

  #count(): void {
    this.#values += 1;
    if (this.#values > maxValues || this.#roots > maxReports) this.#check();
  }
}

/** The last byte before `at` that is not blank; undefined where it is in an earlier piece. */
function lastBefore(piece: Uint8Array, at: number): number | undefined {
  let before = at - 1;
  while (Number(piece[before]) <= 0x20) before -= 1;
  return piece[before];
}

/** Whether a body begins like a multipart form. */
function isForm([first, second]: Uint8Array): boolean {
  return first === 0x2d && second === 0x2d;
}

/** Whether the first byte cannot begin a text in UTF-8. */
function isNoText([first = 0]: Uint8Array): boolean {
  return first >= 0x80 && first !== 0xef;
}

/** Whether the two digits after a percent sign encode a comma or an opening bracket. */
function isEscapedMark(first = 0, second = 0): boolean {
  return (first === 0x32 || first === 0x35 || first === 0x37) && (second | 0x20) === (first === 0x32 ? 0x63 : 0x62);
}
