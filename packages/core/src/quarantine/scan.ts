import { setImmediate as nextTurn } from "node:timers/promises";
import { isEscapedByte, jsonNumber, marks } from "../json/grammar.ts";

/** A text of a body: the range of its literal with quotes, and whether the body ends within it (`isTorn`). */
export interface ScannedText {
  path: string;
  key: string;
  start: number;
  end: number;
  isTorn: boolean;
}

export interface Fault {
  byte: number;
  path: string;
  /** Whether the body just ends there. */
  isTorn: boolean;
}

const maxDepth = 512;
const maxKeyCharacters = 64;
const maxPathCharacters = 256;
/** Steps in one turn of the event loop, each a token, a blank or an escaped quote: some 20 ms. */
const stepsPerTurn = 100_000;

const words = ["true", "false", "null"];

/** `path` is the path of the level itself, cut in length, so that the path of a value costs the same at any depth. */
type Level = { isList: boolean; index: number; key: string; path: string };
type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end";

/**
 * Scans a body as JSON without building values: reports each of its texts, and the place where it stops being JSON. It
 * needs no memory beyond the body, and gives other work turns of the event loop. Several values may follow one another,
 * as in JSON lines.
 *
 * @returns the first fault; null if there is none
 */
export async function scanJson(body: Buffer, onText: (text: ScannedText) => void): Promise<Fault | null> {
  const scan = new Scan(body, onText);
  while (!scan.run(stepsPerTurn)) await nextTurn();
  return scan.fault;
}

class Scan {
  readonly #body: Buffer;
  readonly #onText: (text: ScannedText) => void;
  readonly #levels: Level[] = [];
  #expected: Expected = "value";
  #at = 0;
  /** How far a text was read when a turn ended in it; 0 outside a text. */
  #readTo = 0;
  #steps = 0;
  fault: Fault | null = null;

  constructor(body: Buffer, onText: (text: ScannedText) => void) {
    this.#body = body;
    this.#onText = onText;
    if (body.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) this.#at = 3;
  }

  /** Makes so many steps. Returns whether the end was reached. */
  run(steps: number): boolean {
    for (this.#steps = steps; this.#steps > 0; this.#steps--) {
      this.#skipBlanks();
      if (this.#steps <= 0) return false;
      if (this.#at >= this.#body.length) {
        if (this.#levels.length > 0) this.#fail(this.#body.length, true);
        return true;
      }
      if (!this.#token()) return true;
    }
    return false;
  }

  #token(): boolean {
    const sign = String.fromCharCode(this.#body[this.#at] ?? 0);
    if (sign === '"') return this.#text();
    if (sign === "{" || sign === "[") return this.#open(sign === "[");
    if (sign === "}" || sign === "]") return this.#close(sign === "]");
    if (sign === "," && this.#expected === "comma or end") return this.#go(this.#level?.isList ? "value" : "key", 1);
    if (sign === ":" && this.#expected === "colon") return this.#go("value", 1);
    return this.#literal();
  }

  get #level(): Level | undefined {
    return this.#levels.at(-1);
  }

  get #takesValue(): boolean {
    return this.#expected === "value" || this.#expected === "value or end";
  }

  #go(expected: Expected, bytes: number): true {
    this.#expected = expected;
    this.#at += bytes;
    return true;
  }

  #text(): boolean {
    const isKey = this.#expected === "key" || this.#expected === "key or end";
    if (!isKey && !this.#takesValue) return this.#fail(this.#at, false);
    const start = this.#at;
    const end = this.#endOfText();
    if (end === null) return true;
    const level = this.#level;
    if (isKey && level !== undefined) {
      level.key = this.#body.toString("utf8", start + 1, Math.min(end - 1, start + 1 + 4 * maxKeyCharacters));
      level.key = level.key.slice(0, maxKeyCharacters);
      if (end > this.#body.length) return this.#fail(this.#body.length, true);
      return this.#go("colon", end - start);
    }
    this.#enter();
    const isTorn = end > this.#body.length;
    const key = level?.isList === false ? level.key : "";
    this.#onText({ path: this.#path(), key, start, end: Math.min(end, this.#body.length), isTorn });
    if (isTorn) return this.#fail(this.#body.length, true);
    return this.#go(this.#afterValue(), end - start);
  }

  /** The place after the closing quote; after the body if there is none; null if the turn ends before it. */
  #endOfText(): number | null {
    let at = this.#readTo === 0 ? this.#at + 1 : this.#readTo;
    this.#readTo = 0;
    for (; this.#steps > 0; this.#steps--) {
      const end = this.#body.indexOf(marks.quote, at);
      if (end < 0) return this.#body.length + 1;
      if (!isEscapedByte(this.#body, end, this.#at + 1)) return end + 1;
      at = end + 1;
    }
    this.#readTo = at;
    return null;
  }

  #open(isList: boolean): boolean {
    if (!this.#takesValue || this.#levels.length >= maxDepth) return this.#fail(this.#at, false);
    this.#enter();
    this.#levels.push({ isList, index: -1, key: "", path: this.#path() });
    return this.#go(isList ? "value or end" : "key or end", 1);
  }

  #close(isList: boolean): boolean {
    const mayEnd = this.#expected === "comma or end" || this.#expected === (isList ? "value or end" : "key or end");
    if (!mayEnd || this.#level?.isList !== isList) return this.#fail(this.#at, false);
    this.#levels.pop();
    return this.#go(this.#afterValue(), 1);
  }

  #literal(): boolean {
    const text = /^[\w+.-]*/.exec(this.#body.toString("latin1", this.#at, this.#at + 400))?.[0] ?? "";
    if (!this.#takesValue || !(jsonNumber.test(text) || words.includes(text))) {
      return this.#fail(this.#at, this.#at + text.length >= this.#body.length);
    }
    this.#enter();
    return this.#go(this.#afterValue(), text.length);
  }

  /** Notes that a value begins. */
  #enter(): void {
    const level = this.#level;
    if (level?.isList) level.index += 1;
  }

  #afterValue(): Expected {
    return this.#levels.length === 0 ? "value" : "comma or end";
  }

  #skipBlanks(): void {
    for (; this.#steps > 0; this.#steps--) {
      if (this.#at >= this.#body.length || (this.#body[this.#at] ?? 0) > 0x20) return;
      this.#at += 1;
    }
  }

  #path(): string {
    const level = this.#level;
    if (level === undefined) return "";
    const name = level.isList ? `${level.index}` : level.key;
    return (this.#levels.length === 1 ? name : `${level.path}.${name}`).slice(0, maxPathCharacters);
  }

  #fail(byte: number, isTorn: boolean): false {
    this.fault = { byte, path: this.#path(), isTorn };
    return false;
  }
}
