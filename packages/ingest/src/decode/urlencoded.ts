import { type ReadText, readBytes } from "./charset.ts";
import { type Field, field, maxFields } from "./fields.ts";

const beginning = /^\s*(%7b|%5b|[\w.[\]%-]{1,200}=)/i;

/** Reads the fields of an urlencoded form; null where the text is not one, or ends within a character. */
export function readUrlencoded(text: string, charset: string): Field[] | null {
  if (!beginning.test(text) || /%[\da-f]?$/i.test(text.slice(-2))) return null;
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
  const spaced = text.replaceAll("+", " ");
  const read = spaced.includes("%") ? readBytes(unescaped(spaced), charset) : { text: spaced, isGuess: false };
  return { ...read, text: withPluses(read.text) };
}

const digits = new Map([..."0123456789abcdefABCDEF"].map((digit) => [digit.charCodeAt(0), Number.parseInt(digit, 16)]));

/** The bytes of a text with percent signs. Their charset is decided later. */
function unescaped(text: string): Buffer {
  const bytes = Buffer.from(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const escaped = bytes[at] === 0x25 ? byteOf(bytes[at + 1], bytes[at + 2]) : null;
    bytes.writeUInt8(escaped ?? bytes.readUInt8(at), length++);
    if (escaped !== null) at += 2;
  }
  return bytes.subarray(0, length);
}

function byteOf(first = 0, second = 0): number | null {
  const [high, low] = [digits.get(first), digits.get(second)];
  return high === undefined || low === undefined ? null : high * 16 + low;
}

/** Base64 of a JPEG or PNG, also within JSON, whose `+` were not escaped and so arrived as spaces. */
const brokenPicture = /(\\?\/9j\\?\/|iVBORw0KGgo)[A-Za-z0-9+/\\ ]*/g;

function withPluses(text: string): string {
  return text.includes(" ") ? text.replaceAll(brokenPicture, (picture) => picture.replaceAll(" ", "+")) : text;
}
