/** A character as it is written in a text: its code point, and where it ends. */
interface Written {
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
/** The characters after the backslashes in JSON, JavaScript and Python. */
const escapeTail =
  /(?:u([0-9a-fA-F]{4})|u\{0{0,6}([0-9a-fA-F]{1,5})\}|U000([0-9a-fA-F]{5})|x([0-9a-fA-F]{2})|([nr\r\n]))/y;

const named: Readonly<Record<string, number>> = {
  shy: 0xad,
  zwj: 0x200d,
  zwnj: 0x200c,
  zerowidthspace: 0x200b,
  lowbar: 0x5f,
  newline: 0x0a,
};

/** The character at `at` that is escaped, or not of ASCII, or a line break; null for any other. */
function writtenAt(text: string, at: number): Written | null {
  const lead = text.charCodeAt(at);
  if (lead === backslash) return escapedAt(text, at);
  if (lead === percent) return utf8At(text, at, percentByteAt);
  if (lead === ampersand) return entityAt(text, at);
  if (lead > 0xff || lead === 0x0d || lead === 0x0a) return { code: lead, to: at + 1 };
  // Bytes are read as Latin-1: a character that is not of ASCII has two or three of them.
  return lead >= 0x80 ? (utf8At(text, at, byteAt) ?? { code: lead, to: at + 1 }) : null;
}

/** Invisible characters: soft hyphen, characters without width, and the byte order mark. */
const hidden: ReadonlySet<number> = new Set([0xad, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff]);
const ofKey = /[\w-]/;

/** The character of a key that a person sees; "" if nothing is seen, and null if it is of no key. */
function shownAs(code: number, isBreakPassed: boolean): string | null {
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

/** The fewest random characters after the prefix of a key. New keys have 27. */
export const fewestRandom = 20;

/** How many characters of a run are kept: no key is longer. */
const keptCharacters = 128;

/** How many characters of a run are looked at one by one: for so few that is faster than a pattern. */
const nearCharacters = 64;

/** A new key has so many. Behind them a line break ends a key: the next line may begin with anything. */
const usualRandom = 27;

/** Characters between two of a key that show nothing and are passed, at most. */
const maxHidden = 8;

const notOfKey = /[^\w-]/;
const isOfKey = Array.from({ length: 128 }, (_, code) => /[\w-]/.test(String.fromCharCode(code)));

/** One character of a key with its escape resolved, and where its written form ends. */
interface Char {
  char: string;
  to: number;
}

/**
 * The letters, digits, `_` and `-` that follow the prefix of a key in a text, plain or escaped. A run may be as long as
 * the text: it is read turn by turn, and only as many characters are kept as a key can have.
 */
export class KeyRun {
  /** How far it was read. */
  at: number;
  /** How many characters the run has so far. */
  length = 0;
  /** The first characters of the run. */
  kept = "";
  readonly #text: string;
  #isEnded = false;

  constructor(text: string, from: number) {
    this.#text = text;
    this.at = from;
  }

  get isOver(): boolean {
    return this.#isEnded || this.at >= this.#text.length;
  }

  /** Whether the run has at least as many characters as a key. */
  isOfKey(): boolean {
    while (!this.isOver && this.length < fewestRandom) this.#step(this.at + fewestRandom);
    return this.length >= fewestRandom;
  }

  /** Reads on to about `to`. */
  readTo(to: number): void {
    while (!this.isOver && this.at < to) this.#step(to);
  }

  /** Reads plain characters before `to`, and the escaped character after them. */
  #step(to: number): void {
    const plainTo = endOfPlain(this.#text, this.at, to);
    this.#take(this.#text.slice(this.at, plainTo), plainTo);
    if (plainTo >= to) return;
    const next = charAt(this.#text, plainTo, { isBreakPassed: this.length < usualRandom });
    if (next === null) this.#isEnded = true;
    else this.#take(next.char, next.to);
  }

  #take(characters: string, to: number): void {
    this.at = to;
    this.length += characters.length;
    if (this.kept.length < keptCharacters) this.kept += characters.slice(0, keptCharacters - this.kept.length);
  }
}

/** The next letter, digit, `_` or `-` from `at` on, in any way of writing it; null if another character is before it. */
export function charAt(text: string, at: number, { isBreakPassed = true } = {}): Char | null {
  let from = at;
  for (let hidden = 0; hidden <= maxHidden; hidden++) {
    if (isOfKey[text.charCodeAt(from)] === true) return { char: text.charAt(from), to: from + 1 };
    const written = writtenAt(text, from);
    const char = written === null ? null : shownAs(written.code, isBreakPassed);
    if (written === null || char === null) return null;
    if (char !== "") return { char, to: written.to };
    from = written.to;
  }
  return null;
}

/** The beginning of the escape at `at`. JSON within JSON has several backslashes in the place of one. */
export function startOfEscape(text: string, at: number): number {
  let from = at;
  if (text.charCodeAt(at) === backslash) while (text.charCodeAt(from - 1) === backslash) from -= 1;
  return from;
}

/** The end of the plain letters, digits, `_` and `-` from `from` on; at most `most`. */
function endOfPlain(text: string, from: number, most: number): number {
  let to = from;
  for (const near = Math.min(from + nearCharacters, most); to < near; to++) {
    if (isOfKey[text.charCodeAt(to)] !== true) return to;
  }
  const end = text.slice(to, most).search(notOfKey);
  return end < 0 ? Math.min(most, text.length) : to + end;
}
