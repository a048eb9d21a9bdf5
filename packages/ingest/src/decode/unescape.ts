const backslash = 0x5c;

/** The characters that escapes of one letter stand for. Any other character after a backslash stands for itself. */
const single = new Map(
  Object.entries({ n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v", a: "\u0007", "0": "\0" }).map(
    ([letter, meaning]) => [letter.charCodeAt(0), meaning.charCodeAt(0)],
  ),
);
/** How many hexadecimal digits follow x, u and U. */
const codeLengths = new Map([
  [0x78, 2],
  [0x75, 4],
  [0x55, 8],
]);
const replacement = 0xfffd;

/** Resolves the escapes of Python and JavaScript in a text, in one pass. */
export function unescaped(content: string): string {
  if (!content.includes("\\")) return content;
  const units = new Uint16Array(content.length);
  const writer = new UnitWriter(units);
  for (let at = 0; at < content.length; ) {
    const code = content.charCodeAt(at);
    if (code === backslash && at + 1 < content.length) at = writeEscape(content, at + 1, writer);
    else {
      writer.unit(code);
      at += 1;
    }
  }
  return writer.text;
}

/** Writes UTF-16 units. An escape is never shorter than its character, so a buffer of the text's length suffices. */
class UnitWriter {
  readonly #units: Uint16Array;
  #length = 0;
  #all = 0;

  constructor(units: Uint16Array) {
    this.#units = units;
  }

  /** The written text. Without wide characters it takes half the memory, and half the time to read. */
  get text(): string {
    const units = this.#units.subarray(0, this.#length);
    if (this.#all <= 0xff) return Buffer.from(units).toString("latin1");
    return Buffer.from(units.buffer, 0, units.byteLength).toString("utf16le");
  }

  unit(unit: number): void {
    this.#units[this.#length] = unit;
    this.#length += 1;
    this.#all |= unit;
  }

  character(code: number): void {
    if (code > 0x10ffff) this.unit(replacement);
    else if (code <= 0xffff) this.unit(code);
    else {
      this.unit(0xd800 + ((code - 0x10000) >> 10));
      this.unit(0xdc00 + ((code - 0x10000) & 0x3ff));
    }
  }
}

/** Writes the character of the escape whose letter is at `at`; returns where the text goes on. */
function writeEscape(content: string, at: number, writer: UnitWriter): number {
  const letter = content.charCodeAt(at);
  const length = codeLengths.get(letter);
  const code = length === undefined ? null : hexAt(content, at + 1, length);
  if (length !== undefined && code !== null) {
    writer.character(code);
    return at + 1 + length;
  }
  const newline = newlineAt(content, at);
  if (newline === 0) writer.unit(single.get(letter) ?? letter);
  return at + Math.max(1, newline);
}

/** The length of the line end at `at`; 0 where there is none. A line end after a backslash is dropped. */
function newlineAt(content: string, at: number): number {
  if (content.startsWith("\n", at)) return 1;
  return content.startsWith("\r\n", at) ? 2 : 0;
}

/** The number that `length` hexadecimal digits mean; null where they are not hexadecimal. */
function hexAt(content: string, at: number, length: number): number | null {
  let number = 0;
  for (let next = at; next < at + length; next++) {
    const digit = hexDigit(content.charCodeAt(next));
    if (digit === null) return null;
    number = number * 16 + digit;
  }
  return number;
}

/** The value of a hexadecimal digit; null for any other character. */
export function hexDigit(code: number): number | null {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : null;
}
