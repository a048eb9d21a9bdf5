import type { Body } from "./body.ts";
import { mayBeSpoilt, mayBeUtf8, type ReadText, readTextOf, withoutMark } from "./charset.ts";
import type { CutPictures } from "./cut-pictures.ts";
import { readLargeJson } from "./large-json.ts";
import type { Line } from "./lines.ts";
import { mayBeMultipart, readMultipart } from "./multipart.ts";
import { withoutPadding } from "./padding.ts";
import type { Read } from "./strict.ts";
import { readFields, readText } from "./text.ts";
import { readUrlencodedBytes } from "./urlencoded.ts";

/** What was read of a body, possibly with its pictures cut out. */
export interface Cuttable {
  cut?: CutPictures | null;
}

/** Reads the text or the bytes of a body, in any charset and form. */
export function readBody(body: Body, charset: string): (Read & Cuttable) | Line[] {
  if (body.text !== null && !mayBeMultipart(body.text) && !isWide(body.text)) {
    return readLargeJson(body.text) ?? readSent(body.text, charset);
  }
  const bytes = body.unpacked;
  const fields = readMultipart(bytes, charset);
  if (typeof fields === "string") return { unreadable: fields };
  if (fields !== null) return readFields(fields);
  const large = mayBeUtf8(bytes, charset) ? readLargeJson(bytes) : null;
  if (large !== null) return large;
  const form = mayBeUtf8(bytes, charset) ? readUrlencodedBytes(bytes, charset) : null;
  if (form !== null) return readFields(form);
  const text = readTextOf(bytes, charset);
  return text === null ? { unreadable: "unknown-charset" } : readWhole(text, charset);
}

function readSent(sent: string, charset: string): Read | Line[] {
  const isGuess = mayBeSpoilt(sent, charset);
  const read = readWhole({ text: withoutMark(sent), isGuess }, charset);
  const mended = "unreadable" in read && isGuess ? sent.replaceAll(tornBackslash, "\uFFFD") : sent;
  return mended === sent ? read : readWhole({ text: mended, isGuess }, charset);
}

/**
 * In Big5, Shift_JIS and GBK the last byte of some characters is a backslash. Without its first byte it looks like an
 * escape.
 */
const tornBackslash = "\uFFFD\\";

function readWhole({ text: sent, isGuess }: ReadText, charset: string): Read | Line[] {
  const text = withoutPadding(sent);
  if (text === "") return { unreadable: "empty-body" };
  const flags = [...(isGuess ? ["charset"] : []), ...(text === sent ? [] : ["tolerant-parse"])];
  const read = readText(text, charset);
  return Array.isArray(read) ? read.map((line) => ({ ...line, read: noted(line.read, flags) })) : noted(read, flags);
}

/** What was read, with further flags. */
export function noted(read: Read, flags: readonly string[]): Read {
  if ("unreadable" in read || flags.length === 0) return read;
  return { ...read, flags: [...new Set([...flags, ...read.flags])] };
}

/** Whether UTF-16 was read as if it were UTF-8. JSON begins with ASCII, so one of the first two characters is zero. */
function isWide(text: string): boolean {
  return (text.charCodeAt(0) === 0) !== (text.charCodeAt(1) === 0);
}
