import { isAscii, isUtf8 } from "node:buffer";
import { isBlank } from "@gatepost/protocol";

/** The charset that a content type names, in lower case; "" if it names none. */
export function declaredCharset(contentType: string): string {
  return /charset\s*=\s*["']?([\w-]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? "";
}

/** A text that was decoded from bytes. */
export interface ReadText {
  text: string;
  /** Whether the charset was guessed, or some of the text was lost: then the text may differ from the sent one. */
  isGuess: boolean;
  /** Whether it is the base64 of bytes that are not text. */
  isBinary?: true;
}

/**
 * Decodes bytes as text: as UTF-16 by its byte order mark, its zeros or the declared charset; else in the declared
 * charset if they are valid in it and not surely UTF-8; else as UTF-8; else as GBK, which is a guess. Null if none of
 * these fits.
 */
export function readTextOf(bytes: Buffer, declared: string): ReadText | null {
  const wide = wideCharset(bytes, declared);
  if (wide !== null) return textRead(decoded(bytes, wide));
  const [charset, isOther] = otherCharset(declared);
  if (charset !== null) {
    const text = decoded(bytes, charset);
    // Any bytes are valid in a single-byte charset. Bytes that are also valid UTF-8 are UTF-8.
    if (text !== null && !(isUtf8(bytes) && (isSingleByte(charset) || isSurelyUtf8(bytes)))) return textRead(text);
  }
  if (isUtf8(bytes)) return textRead(withoutMark(bytes.toString("utf8")), isOther && !isAscii(bytes));
  return textRead(tornUtf8(bytes) ?? decoded(bytes, "gb18030"), true);
}

/**
 * Whether bytes that are valid UTF-8 have a character of three bytes. Hardly any text of another charset has that: a
 * terminal has declared a charset that it does not write.
 */
function isSurelyUtf8(bytes: Buffer): boolean {
  return /[\xe0-\xef][\x80-\xbf]{2}/.test(bytes.toString("latin1"));
}

/** Whether `readTextOf` reads bytes as UTF-8 if they are valid UTF-8. */
export function mayBeUtf8(bytes: Buffer, declared: string): boolean {
  return wideCharset(bytes, declared) === null && !otherCharset(declared)[1];
}

/** The text of bytes that may be a picture. Bytes that are not text become base64, as pictures are sent elsewhere. */
export function readBytes(bytes: Buffer, declared: string): ReadText {
  return (
    (isPictureFile(bytes) ? null : readTextOf(bytes, declared)) ?? {
      text: bytes.toString("base64"),
      isGuess: false,
      isBinary: true,
    }
  );
}

/** The first bytes of JPEG and PNG. Without this check a small PNG could be taken for GBK. */
const pictureMarks = new Set([0xffd8ff, 0x89504e]);

/** Whether bytes begin as JPEG and PNG do. */
export function isPictureFile(bytes: Buffer): boolean {
  return bytes.length > 3 && pictureMarks.has(bytes.readUInt32BE() >>> 8);
}

export function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function textRead(text: string | null, isGuess = false): ReadText | null {
  return text === null ? null : { text, isGuess: isGuess || isLossy(text) };
}

/** Whether a decoder replaced unreadable bytes by this character. */
export function isLossy(text: string): boolean {
  return text.includes("\uFFFD");
}

/**
 * Whether a text that another program decoded may lack bytes: some of them could not be read, or the declared charset
 * is not UTF-8.
 */
export function mayBeSpoilt(text: string, declared: string): boolean {
  return isLossy(text) || (/[^\0-\x7f]/.test(withoutMark(text)) && declaresOther(declared));
}

function declaresOther(declared: string): boolean {
  return declared.startsWith("utf-16") || otherCharset(declared)[1];
}

/**
 * Which kind of UTF-16 it is. JSON begins with an ASCII character, so one of the first two bytes is zero. If both are,
 * a sender padded the body.
 */
export function wideCharset(bytes: Buffer, declared: string): "utf-16le" | "utf-16be" | null {
  const first = bytes.length < 2 ? 0 : bytes.readUInt16BE();
  if (first === 0) return null;
  if (first === 0xfffe || (first & 0xff) === 0) return "utf-16le";
  if (first === 0xfeff || first < 0x100) return "utf-16be";
  return declared.startsWith("utf-16") ? (declared === "utf-16be" ? "utf-16be" : "utf-16le") : null;
}

/** Names of code pages that the standard calls otherwise. */
const codePages: readonly [RegExp, string][] = [
  [/^(gb|x-gbk|(cp|ms)936)/, "gb18030"],
  [/^(cp|ms)950/, "big5"],
  [/^((cp|ms)949|uhc)/, "euc-kr"],
  [/^(cp|ms)932/, "shift_jis"],
];

/**
 * The declared charset where it is neither UTF-8 nor UTF-16 (null where it is unknown), and whether another charset is
 * declared.
 */
function otherCharset(declared: string): [charset: string | null, isOther: boolean] {
  if (declared === "" || /^utf-?(8|16)/.test(declared)) return [null, false];
  const label = codePages.find(([names]) => names.test(declared))?.[1] ?? declared;
  try {
    const { encoding } = new TextDecoder(label);
    return [encoding.startsWith("utf-") ? null : encoding, true];
  } catch {
    return [null, true];
  }
}

function isSingleByte(charset: string): boolean {
  return /^(windows|iso-8859|koi8|ibm|mac|x-)/.test(charset);
}

/**
 * Decodes UTF-8 that was cut off within its last character. If it were decoded as GBK, the complete part would be
 * damaged.
 */
function tornUtf8(bytes: Buffer): string | null {
  const whole = decoded(bytes, "utf-8", { stream: true });
  return whole === null ? null : `${whole}\uFFFD`;
}

function decoded(bytes: Buffer, charset: string, options: { stream?: boolean } = {}): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes, options);
  } catch {
    return null;
  }
}

const nul = 0;
const byteOrderMark = 0xfeff;
/** This character begins each value of a JSON text sequence (RFC 7464). */
const recordSeparator = 0x1e;

/**
 * The text without NULs (left by a sender's buffer), byte order marks and record separators at both ends. Returns the
 * text itself if it has none of these, or consists of nothing else.
 */
export function withoutPadding(text: string): string {
  const begin = pastPadding(text, 0, 1);
  if (begin === text.length) return text;
  const end = pastPadding(text, text.length - 1, -1) + 1;
  return begin === 0 && end === text.length ? text : text.slice(begin, end);
}

/**
 * The first character from `from` on, in the given direction, that is not padding. Line ends count as padding only next
 * to other padding.
 */
function pastPadding(text: string, from: number, step: 1 | -1): number {
  let past = from;
  for (let at = from; at >= 0 && at < text.length; at += step) {
    const code = text.charCodeAt(at);
    if (code === nul || code === byteOrderMark || code === recordSeparator) past = at + step;
    else if (code !== 0x0a && code !== 0x0d) break;
  }
  return past;
}

/** The lines of a text that are not blank, one by one: a hostile text has millions. */
export function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const first = skipBlanks(text, from);
    if (first === text.length) return;
    const begin = Math.max(from, text.lastIndexOf("\n", first) + 1);
    const end = text.indexOf("\n", first);
    yield text.slice(begin, end < 0 ? text.length : end);
    from = end < 0 ? text.length : end + 1;
  }
}

/** The first `count` lines that are not blank. */
export function firstLines(text: string, count: number): string[] {
  const lines: string[] = [];
  for (const line of linesOf(text)) {
    if (lines.length === count) break;
    lines.push(line);
  }
  return lines;
}

/** How many blanks are skipped one by one. For more, `trimStart` is ten times as fast. */
const fewBlanks = 32;

/** The position of the first character from `from` on that is not blank; the length of the text if there is none. */
export function skipBlanks(text: string, from = 0): number {
  let at = from;
  while (at < from + fewBlanks && isBlank(text.charCodeAt(at))) at += 1;
  return at < from + fewBlanks ? at : text.length - text.slice(at).trimStart().length;
}

/** The value of a hexadecimal digit; null for any other character. */
export function hexDigit(code: number): number | null {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : null;
}
