/**
 * The characters that begin, end and separate values. Outside of strings nothing else is needed to find them. Loops over
 * each byte name the ones they compare as constants of the same file.
 */
export const marks = {
  quote: 0x22,
  backslash: 0x5c,
  comma: 0x2c,
  colon: 0x3a,
  openList: 0x5b,
  openObject: 0x7b,
  closeList: 0x5d,
  closeObject: 0x7d,
};

const { quote, backslash, openList, openObject } = marks;

/** Whether a list or an object opens there. */
export function isOpening(code: number): boolean {
  return code === openList || code === openObject;
}

/** A whole number or fraction as JSON writes it. */
export const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?$/i;

/** The position of the quote that ends a string whose content begins at `from`; -1 if there is none. */
export function endOfString(text: string, from: number, mark: string): number {
  let end = text.indexOf(mark, from);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf(mark, end + 1);
  return end;
}

/** Whether an odd number of backslashes is directly before `at`. */
export function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === backslash) before -= 1;
  return (at - before) % 2 === 0;
}

/** How many bytes are looked at one by one: for so few that is faster than searching for a quote. */
const nearBytes = 64;

/** The same as `endOfString` for JSON in UTF-8. */
export function endOfByteString(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    for (const near = Math.min(at + nearBytes, bytes.length); at < near; at++) {
      const byte = bytes[at];
      if (byte === quote) return at;
      if (byte === backslash) at += 1;
    }
    const next = bytes.indexOf(quote, at);
    if (next < 0 || !isEscapedByte(bytes, next, at)) return next;
    at = next + 1;
  }
  return -1;
}

/** Whether an odd number of backslashes is directly before `at`. Only bytes from `from` on count. */
export function isEscapedByte(bytes: Uint8Array, at: number, from: number): boolean {
  let before = at - 1;
  while (before >= from && bytes[before] === backslash) before -= 1;
  return (at - before) % 2 === 0;
}
