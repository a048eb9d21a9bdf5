import { stringAsJson, wordAsJson } from "./literal.ts";
import { endOfString } from "./scan.ts";
import { type Read, readableLevels, readStrict } from "./strict.ts";

/** A batch of a hundred reports has a few thousand tokens. This limits what a hostile body can cost. */
const maxTokens = 1_000_000;

const token =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|([{[(])|([)\]}])|([,，])|([:：])|([bur]{0,2})(["'])|([^\s{}[\](),，:："'/]+)/iy;

/**
 * Reads text that is nearly JSON: Python's repr, and the examples in the vendor's documents, with comments, full-width,
 * trailing and missing commas, unquoted keys, ellipses and single quotes. It is rewritten as JSON and then read as
 * JSON, so a torn text stays unreadable. docs/formats.md §5.2, §5.3.
 */
export function readTolerant(text: string, maxLevels: number = readableLevels): Read {
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
  /** The last word: it is a key if a colon follows, else a value. */
  #word: string | null = null;
  #level = 0;
  #isWrong = false;

  constructor(text: string, maxLevels: number) {
    this.#text = text;
    this.#maxLevels = maxLevels;
  }

  /** The text as JSON; null where it cannot be any. */
  json(): string | null {
    let at = 0;
    for (let tokens = 0; at < this.#text.length && !this.#isWrong; tokens++) {
      token.lastIndex = at;
      const found = token.exec(this.#text);
      if (found === null || tokens === maxTokens) return null;
      at = this.#take(found, token.lastIndex);
    }
    this.#settleWord();
    return this.#isWrong ? null : this.#pieces.join("");
  }

  /** Takes one token; returns where the next one begins. */
  #take([, open, close, comma, colon, prefix = "", quote, word]: RegExpExecArray, next: number): number {
    if (colon !== undefined) this.#colon();
    else if ((open ?? close ?? comma ?? quote ?? word) !== undefined) this.#settleWord();
    if (open !== undefined) this.#open(open);
    if (close !== undefined) this.#close(close);
    if (comma !== undefined) this.#comma();
    if (word !== undefined) this.#word = word;
    return quote === undefined ? next : this.#string(prefix, quote, next);
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

  /** A comma that is not needed is ignored. */
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
