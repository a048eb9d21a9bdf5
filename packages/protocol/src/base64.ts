const equals = "=".charCodeAt(0);

/** Characters at which encoders end a line. */
const lineLengths = new Set([60, 64, 72, 76]);

/**
 * Decodes base64, plain or URL-safe, with or without white space and padding. Null if the text is not base64, is far
 * longer than `maxBytes` bytes, or is ambiguous.
 */
export function decodeBase64(text: string, maxBytes: number): Buffer | null {
  // Nearly every picture is sent without white space: looking for it first would cost more than the decoding.
  const dense = decodeDense(text, maxBytes);
  if (dense !== null) return dense;
  return countDigits(text) > maxDigits(maxBytes) ? null : decodeSpaced(withoutLineBreaks(text));
}

/** The same for base64 without white space in it; null for any other text. */
export function decodeDense(text: string, maxBytes: number): Buffer<ArrayBuffer> | null {
  return text.length > maxDigits(maxBytes) ? null : decodeDigits(text);
}

/** The same for base64 that is there as bytes. */
export function decodeDenseBytes(base64: Buffer, maxBytes: number): Buffer<ArrayBuffer> | null {
  if (base64.length > maxDigits(maxBytes)) return null;
  const padding = base64.at(-1) !== equals ? 0 : base64.at(-2) !== equals ? 1 : 2;
  return decodePieces(base64.length, padding, (from, to) => base64.toString("latin1", from, to));
}

function maxDigits(maxBytes: number): number {
  return Math.ceil(((maxBytes + 1) * 4) / 3) + 2;
}

/** Counts the characters that are not white space. */
function countDigits(text: string): number {
  let digits = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x20) digits += 1;
  return digits;
}

const beyondBytes = /[\u0100-\uffff]/;

function decodeDigits(text: string): Buffer<ArrayBuffer> | null {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return decodePieces(text.length, padding, (from, to) => {
    const piece = narrowed(text.slice(from, to));
    return beyondBytes.test(piece) ? null : piece;
  });
}

/** Characters that are decoded at a time: a string of a whole picture would cost more than its decoding. */
const pieceLength = 32 * 1024;

/** One piece in two bytes a character. */
const wide = Buffer.allocUnsafeSlow(2 * pieceLength);

/**
 * The same text, stored with one byte per character if possible. A slice of a text that has any Chinese character has
 * two bytes per character, and searching such a slice takes three times as long as decoding it.
 */
function narrowed(piece: string): string {
  return wide.toString("utf16le", 0, wide.write(piece, "utf16le"));
}

/**
 * Decodes base64 in pieces; null if a piece is not base64. Node's decoder skips invalid characters, which the length
 * then shows; a character above 255 it may take for a digit, so `pieceOf` refuses these.
 */
function decodePieces(
  length: number,
  padding: number,
  pieceOf: (from: number, to: number) => string | null,
): Buffer<ArrayBuffer> | null {
  const digits = length - padding;
  const data = Buffer.allocUnsafeSlow(Math.floor((digits * 3) / 4));
  let done = 0;
  for (let from = 0; from < length; from += pieceLength) {
    const piece = pieceOf(from, from + pieceLength);
    const expected = Math.min(data.length - done, (pieceLength * 3) / 4);
    if (piece === null || data.write(piece, done, "base64") !== expected) return null;
    done += expected;
  }
  return digits % 4 === 1 ? null : data;
}

/**
 * The text without line breaks, tabs and outer blanks; inner blanks stay. Empty where it is not ASCII, so not base64.
 */
function withoutLineBreaks(text: string): string {
  const kept = Buffer.alloc(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return "";
    if (code < 0x09 || code > 0x0d) kept[length++] = code;
  }
  return kept.toString("latin1", 0, length).trim();
}

/**
 * Decodes base64 with blanks in it. They were line ends, or a form has replaced its plus signs by them; then it has no
 * plus sign left. If both are possible, the reading that ends as a picture is right; null if neither does.
 */
function decodeSpaced(text: string): Buffer | null {
  const dense = text.split(" ").join("");
  const asLines = decodeDigits(dense);
  if (dense.length === text.length || hasPlus(dense)) return asLines;
  const asPluses = decodeDigits(text.split(" ").join("+"));
  if (asLines === null || asPluses === null) return asLines ?? asPluses;
  const candidates = isInLines(text) ? [asLines, asPluses] : [asPluses, asLines];
  return candidates.find(hasItsEnd) ?? null;
}

/** Whether there is a plus, or one of the characters that URL-safe base64 has instead of plus and slash. */
function hasPlus(text: string): boolean {
  return text.includes("+") || text.includes("-") || text.includes("_");
}

/** Whether the blanks are at the places at which an encoder ends its lines. */
function isInLines(text: string): boolean {
  const length = text.indexOf(" ");
  if (!lineLengths.has(length)) return false;
  let from = 0;
  while (text.indexOf(" ", from) === from + length) from += length + 1;
  return text.indexOf(" ", from) < 0 && text.length - from <= length;
}

/** How JPEG and PNG end. */
const ends = ["\xff\xd9", "IEND\xaeB`\x82"];

function hasItsEnd(data: Buffer): boolean {
  const last = data.subarray(-8).toString("latin1");
  return ends.some((end) => last.endsWith(end));
}
