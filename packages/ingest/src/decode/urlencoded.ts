import { isAscii } from "node:buffer";
import { skipBlanks } from "./blanks.ts";
import { type ReadText, readBytes } from "./charset.ts";
import { type Field, field, maxFields } from "./fields.ts";
import { withPluses } from "./pluses.ts";
import { hexDigit } from "./unescape.ts";

/** The name of the first field ends within so many characters. */
const beginningLength = 201;
const beginning = /^(%7b|%5b|[\w.[\]%-]{1,200}=)/i;

/** Reads the fields of an urlencoded form; null where the text is not one, or ends within a character. */
export function readUrlencoded(text: string, charset: string): Field[] | null {
  const first = skipBlanks(text);
  if (!isForm(text.slice(first, first + beginningLength), text.slice(-2))) return null;
  const pairs = text.trim().split("&", maxFields + 1);
  if (pairs.length > maxFields) return null;
  return pairs.filter((pair) => pair !== "").map((pair) => fieldOf(pair, charset));
}

/**
 * The same for bytes, without a text of all of them. Null also where the bytes are not one line of ASCII, or begin or
 * end with blanks.
 */
export function readUrlencodedBytes(bytes: Buffer, charset: string): Field[] | null {
  if (!isForm(bytes.toString("latin1", 0, beginningLength), bytes.toString("latin1", bytes.length - 2))) return null;
  if (Number(bytes.at(-1)) <= blank || bytes.includes("\n") || !isAscii(bytes)) return null;
  const fields: Field[] = [];
  let from = 0;
  for (let pairs = 1; from <= bytes.length; pairs++) {
    if (pairs > maxFields) return null;
    const end = bytes.indexOf("&", from);
    const to = end < 0 ? bytes.length : end;
    if (to > from) fields.push(fieldOf(bytes.subarray(from, to), charset));
    from = to + 1;
  }
  return fields;
}

function isForm(beginningOfText: string, end: string): boolean {
  return beginning.test(beginningOfText) && !/%[\da-f]?$/i.test(end);
}

/** A text, or bytes of ASCII. */
type Encoded = string | Buffer;

function fieldOf(pair: Encoded, charset: string): Field {
  const end = pair.indexOf("=");
  const name = end < 0 ? pair : pieceOf(pair, 0, end);
  const text = end < 0 ? "" : pieceOf(pair, end + 1);
  return field(decoded(name, charset), decoded(text, charset));
}

function pieceOf(encoded: Encoded, from: number, to?: number): Encoded {
  return typeof encoded === "string" ? encoded.slice(from, to) : encoded.subarray(from, to);
}

function decoded(encoded: Encoded, charset: string): ReadText {
  const read = encoded.includes("%")
    ? readBytes(unescaped(encoded), charset)
    : { text: (encoded.includes("+") ? unescaped(encoded) : encoded).toString(), isGuess: false };
  return { ...read, text: withPluses(read.text) };
}

/** The bytes of percent-encoded text. Their charset is not considered here. */
function unescaped(encoded: Encoded): Buffer {
  const bytes = Buffer.from(encoded);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = Number(bytes[at]);
    const escaped = byte === percent ? byteOf(bytes[at + 1], bytes[at + 2]) : null;
    bytes[length] = escaped ?? (byte === plus ? blank : byte);
    length += 1;
    if (escaped !== null) at += 2;
  }
  return bytes.subarray(0, length);
}

const percent = 0x25;
const plus = 0x2b;
const blank = 0x20;

function byteOf(first = 0, second = 0): number | null {
  const [high, low] = [hexDigit(first), hexDigit(second)];
  return high === null || low === null ? null : high * 16 + low;
}
