import { stringAsJson, wordAsJson } from "./literal.ts";
import { endOfString } from "./scan.ts";
import { type Read, readableLevels, readStrict } from "./strict.ts";
import { type Token, tokenAt } from "./tokens.ts";
import { bodyReading } from "./values.ts";

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

  /** The text as JSON; null where that is not possible. */
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

  /** Takes one token; returns where the next one begins. */
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
