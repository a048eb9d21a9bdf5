import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "@gatepost/protocol";
import { isLossy, withoutMark } from "./charset.ts";
import { type Read, readStrict } from "./strict.ts";

/** Bytes of a string from which on it is left out of the text: pictures are that long, and next to nothing else. */
const longString = 4096;

/** Bytes of a body for each quote in it, at least: where quotes are nearer, looking for long strings is not worth it. */
const bytesForEachQuote = 512;

/** What a JSON string holds as it is written, in one byte a character. */
const plain = /^[ !#-[\]-~]*$/;

/** Where a string is in a body: from behind its first quote to its last one. */
interface Span {
  from: number;
  to: number;
}

/**
 * Reads JSON in UTF-8 that is nearly all pictures, and makes no text of the whole of it: that would be as large as the
 * body, or twice as large where one character is Chinese, beside the strings that are made of it. The long strings are
 * taken out of the bytes, and the rest is read as ever. Null where there is none, or this is no way to read the body.
 */
export function readLargeJson(bytes: Buffer): Read | null {
  const spans = longStrings(bytes);
  if (spans === null || spans.length === 0) return null;
  const mark = randomUUID();
  const rest = bytesWithout(bytes, spans, mark);
  if (!isUtf8(rest)) return null;
  const text = withoutMark(rest.toString("utf8"));
  const read = readStrict(text);
  if (!("value" in read) || typeof read.value !== "object" || read.value === null) return null;
  const strings = spans.map(({ from, to }) => bytes.toString("latin1", from, to));
  if (!strings.every((text) => plain.test(text))) return null;
  putBack(read.value, (found) => (found.startsWith(mark) ? strings[Number(found.slice(mark.length))] : undefined));
  return isLossy(text) ? { ...read, flags: ["charset", ...read.flags] } : read;
}

/** The long strings without escapes that are no names of members; null where there are too many quotes, or an odd one. */
function longStrings(bytes: Buffer): Span[] | null {
  const quotes = unescapedQuotes(bytes);
  if (quotes === null || quotes.length % 2 === 1) return null;
  const spans: Span[] = [];
  let backslash = 0;
  for (let index = 0; index < quotes.length; index += 2) {
    const [from, to] = [Number(quotes[index]) + 1, Number(quotes[index + 1])];
    if (to - from < longString || isName(bytes, to)) continue;
    if (backslash < from) backslash = indexOrEnd(bytes, 0x5c, from);
    if (backslash > to) spans.push({ from, to });
  }
  return spans;
}

/** Where the quotes are that no backslash stands before; null where there are too many, with one or without. */
function unescapedQuotes(bytes: Buffer): number[] | null {
  const quotes: number[] = [];
  let left = bytes.length / bytesForEachQuote;
  for (let quote = bytes.indexOf(0x22); quote >= 0; quote = bytes.indexOf(0x22, quote + 1)) {
    if (left-- < 0) return null;
    if (!isEscaped(bytes, quote)) quotes.push(quote);
  }
  return quotes;
}

function indexOrEnd(bytes: Buffer, code: number, from: number): number {
  const index = bytes.indexOf(code, from);
  return index < 0 ? bytes.length : index;
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let before = at - 1;
  while (bytes[before] === 0x5c) before -= 1;
  return (at - before) % 2 === 0;
}

/** Whether a colon follows the string whose last quote is at `to`. */
function isName(bytes: Buffer, to: number): boolean {
  let next = to + 1;
  while (isBlank(bytes[next])) next += 1;
  return bytes[next] === 0x3a;
}

function isBlank(code: number | undefined): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The body with `mark` and a number in place of each span. */
function bytesWithout(bytes: Buffer, spans: readonly Span[], mark: string): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const [number, { from, to }] of spans.entries()) {
    pieces.push(bytes.subarray(at, from), Buffer.from(`${mark}${number}`));
    at = to;
  }
  return Buffer.concat([...pieces, bytes.subarray(at)]);
}

/** Puts what `find` has for a text in its place, anywhere in a value. */
function putBack(root: Json[] | JsonObject, find: (text: string) => string | undefined): void {
  const open = [root];
  const found = (child: Json): string | undefined => {
    if (typeof child === "string") return find(child);
    if (typeof child === "object" && child !== null) open.push(child);
    return undefined;
  };
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    if (Array.isArray(branch)) putBackIntoList(branch, found);
    else putBackIntoObject(branch, found);
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
