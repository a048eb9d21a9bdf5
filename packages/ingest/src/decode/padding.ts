const nul = 0;
const byteOrderMark = 0xfeff;
/** This character begins each value of a JSON text sequence (RFC 7464). */
const recordSeparator = 0x1e;

/**
 * The text without NULs (left by a sender's buffer), byte order marks and record separators at both ends. Returns the
 * text itself where it has none of these, or consists of nothing else.
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
