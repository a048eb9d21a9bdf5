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
  if (!beginning.test(text.slice(first, first + beginningLength)) || /%[\da-f]?$/i.test(text.slice(-2))) return null;
  const pairs = text.trim().split("&", maxFields + 1);
  if (pairs.length > maxFields) return null;
  return pairs.filter((pair) => pair !== "").map((pair) => fieldOf(pair, charset));
}

function fieldOf(pair: string, charset: string): Field {
  const end = pair.indexOf("=");
  const name = end < 0 ? pair : pair.slice(0, end);
  const text = end < 0 ? "" : pair.slice(end + 1);
  return field(decoded(name, charset), decoded(text, charset));
}

function decoded(text: string, charset: string): ReadText {
  const read = text.includes("%")
    ? readBytes(unescaped(text), charset)
    : { text: text.includes("+") ? unescaped(text).toString() : text, isGuess: false };
  return { ...read, text: withPluses(read.text) };
}

/** The bytes of percent-encoded text. Their charset is not considered here. */
function unescaped(text: string): Buffer {
  const bytes = Buffer.from(text);
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
