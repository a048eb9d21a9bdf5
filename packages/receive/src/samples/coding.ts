import { readTextOf } from "../decode/text.ts";

/** A charset in which text can be written again. */
export interface Coding {
  /** The bytes of a text; null if a character of it is not in the charset. */
  write(text: string): Buffer | null;
  has(character: string): boolean;
}

const ofUnicode = (write: (text: string) => Buffer): Coding => ({ write, has: () => true });
const unicode: readonly Coding[] = [
  ofUnicode((text) => Buffer.from(text)),
  ofUnicode((text) => Buffer.from(text, "utf16le")),
  ofUnicode((text) => Buffer.from(text, "utf16le").swap16()),
];

const others = new Map<string, Coding | null>();

/** A charset of one or two bytes a character. Null if the platform does not know it. */
function codingOf(label: string): Coding | null {
  const known = others.get(label) ?? madeCoding(label);
  others.set(label, known);
  return known;
}

function madeCoding(label: string): Coding | null {
  const codes = new Map<string, Buffer>();
  try {
    const decoder = new TextDecoder(label);
    const add = (...bytes: number[]) => {
      const text = decoder.decode(Buffer.from(bytes));
      if ([...text].length === 1 && text !== "\uFFFD" && !codes.has(text)) codes.set(text, Buffer.from(bytes));
    };
    for (let byte = 0; byte < 0x100; byte++) add(byte);
    for (let lead = 0x81; lead < 0xff; lead++) for (let trail = 0x40; trail < 0xff; trail++) add(lead, trail);
  } catch {
    return null;
  }
  const written = (text: string) => Array.from(text, (character) => codes.get(character));
  return {
    write: (text) => {
      const bytes = written(text);
      return bytes.every((one) => one !== undefined) ? Buffer.concat(bytes) : null;
    },
    has: (character) => codes.has(character),
  };
}

const torn = new Map<string, Coding>();

/** For UTF-8 that ends within a character. Its bytes are kept, and replace the last character of another text. */
function tornCoding(bytes: Buffer, text: string): Coding | null {
  const whole = Buffer.from(text.slice(0, -1));
  const end = bytes.subarray(whole.length);
  if (!text.endsWith("\uFFFD") || end.length === 0 || end.length > 3 || !bytes.equals(Buffer.concat([whole, end])))
    return null;
  const name = end.toString("latin1");
  const known = torn.get(name) ?? ofUnicode((other) => Buffer.concat([Buffer.from(other.slice(0, -1)), end]));
  torn.set(name, known);
  return known;
}

/** The text of bytes, and the charset in which it gives these bytes again. Null if there is none. */
export function readCoded(bytes: Buffer, declared: string): { text: string; coding: Coding } | null {
  const read = readTextOf(bytes, declared)?.text;
  if (read === undefined) return null;
  // A byte order mark is left out of a text that was read.
  const texts = [read, `\uFEFF${read}`];
  for (const find of [...unicode.map((coding) => () => coding), () => codingOf(declared), () => codingOf("gb18030")]) {
    const coding = find();
    const text = texts.find((one) => coding?.write(one)?.equals(bytes));
    if (coding !== null && text !== undefined) return { text, coding };
  }
  for (const text of texts) {
    const coding = tornCoding(bytes, text);
    if (coding !== null) return { text, coding };
  }
  return null;
}
