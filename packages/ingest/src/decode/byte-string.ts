const quote = 0x22;
const backslash = 0x5c;

/** How many bytes are looked at one by one: for so few that is faster than searching for a quote. */
const nearBytes = 64;

/** The position of the quote that ends a JSON string whose content begins at `from`; -1 where there is none. */
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

/** Whether an odd number of backslashes stands directly before `at`. Only bytes from `from` on count. */
export function isEscapedByte(bytes: Uint8Array, at: number, from: number): boolean {
  let before = at - 1;
  while (before >= from && bytes[before] === backslash) before -= 1;
  return (at - before) % 2 === 0;
}
