/** A character as it is written in a text: its code point, and where it ends. */
export interface Written {
  code: number;
  to: number;
}

const backslash = 0x5c;
const percent = 0x25;
const ampersand = 0x26;

/** One byte, percent-encoded up to five times. No pattern here looks further than some 50 characters. */
const percentByte = /%(?:25){0,4}([0-9a-f]{2})/iy;
/** An entity of HTML, escaped up to five times. */
const entity =
  /&(?:amp;){0,4}(?:#(?:x0{0,6}([0-9a-f]{1,5})|0{0,6}([0-9]{1,6}))|(shy|zwj|zwnj|lowbar|ZeroWidthSpace|NewLine));/iy;
/** What follows the backslashes in JSON, JavaScript and Python. */
const escapeTail =
  /(?:u([0-9a-fA-F]{4})|u\{0{0,6}([0-9a-fA-F]{1,5})\}|U000([0-9a-fA-F]{5})|x([0-9a-fA-F]{2})|([nr\r\n]))/y;

const named: Readonly<Record<string, number>> = {
  ...{ shy: 0xad, zwj: 0x200d, zwnj: 0x200c, zerowidthspace: 0x200b },
  ...{ lowbar: 0x5f, newline: 0x0a },
};

/** The character at `at` that is escaped, or not of ASCII, or a line break; null for any other. */
export function writtenAt(text: string, at: number): Written | null {
  const lead = text.charCodeAt(at);
  if (lead === backslash) return escapedAt(text, at);
  if (lead === percent) return utf8At(text, at, percentByteAt);
  if (lead === ampersand) return entityAt(text, at);
  if (lead > 0xff || lead === 0x0d || lead === 0x0a) return { code: lead, to: at + 1 };
  // Bytes are read as Latin-1: a character that is not of ASCII has two or three of them.
  return lead >= 0x80 ? (utf8At(text, at, byteAt) ?? { code: lead, to: at + 1 }) : null;
}

/** Characters that show nothing: soft hyphen, those without width, and the byte order mark. */
const hidden: ReadonlySet<number> = new Set([0xad, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff]);
const ofKey = /[\w-]/;

/** The character of a key that a person sees; "" if nothing is seen, and null if it is of no key. */
export function shownAs(code: number, isBreakPassed: boolean): string | null {
  const isFullWidth = code >= 0xff01 && code <= 0xff5e;
  const char = String.fromCodePoint(isFullWidth ? code - 0xfee0 : code);
  if (ofKey.test(char)) return char;
  return hidden.has(code) || (isBreakPassed && (char === "\n" || char === "\r")) ? "" : null;
}

function escapedAt(text: string, at: number): Written | null {
  let from = at;
  while (text.charCodeAt(from) === backslash) from += 1;
  const [all, u, braced, long, x, control] = matchAt(escapeTail, text, from) ?? [];
  if (all === undefined) return null;
  const hex = u ?? braced ?? long ?? x;
  const code = hex === undefined ? (control === "\r" || control === "r" ? 0x0d : 0x0a) : Number.parseInt(hex, 16);
  return { code, to: from + all.length };
}

function entityAt(text: string, at: number): Written | null {
  const [all, hex, decimal, name = ""] = matchAt(entity, text, at) ?? [];
  if (all === undefined) return null;
  const code = hex === undefined ? (named[name.toLowerCase()] ?? Number(decimal)) : Number.parseInt(hex, 16);
  return { code, to: at + all.length };
}

type ByteAt = (text: string, at: number) => Written | null;

/** One character of UTF-8, of one to three bytes. */
function utf8At(text: string, at: number, next: ByteAt): Written | null {
  const first = next(text, at);
  if (first === null || first.code < 0x80) return first;
  const length = first.code >= 0xe0 && first.code < 0xf0 ? 2 : first.code >= 0xc2 && first.code < 0xe0 ? 1 : 0;
  if (length === 0) return null;
  let { code, to } = { code: first.code & (0x3f >> length), to: first.to };
  for (let read = 0; read < length; read++) {
    const more = next(text, to);
    if (more === null || more.code >> 6 !== 2) return null;
    code = (code << 6) | (more.code & 0x3f);
    to = more.to;
  }
  return { code, to };
}

function percentByteAt(text: string, at: number): Written | null {
  const [all, hex = ""] = matchAt(percentByte, text, at) ?? [];
  return all === undefined ? null : { code: Number.parseInt(hex, 16), to: at + all.length };
}

function byteAt(text: string, at: number): Written {
  return { code: text.charCodeAt(at), to: at + 1 };
}

/** Matches a sticky pattern at one place. */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
