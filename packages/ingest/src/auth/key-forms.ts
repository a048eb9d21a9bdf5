/** Where a text has the form of a key, and the key as it reads once escapes are resolved. */
export interface KeyForm {
  from: number;
  to: number;
  key: string;
}

/** Characters behind the prefix of a key, at least. */
export const randomCharacters = 27;

/** The underscore of a key as it may be written: plain, percent-encoded, or escaped as in JSON or Python. */
const underscores = ["_", "%5f", "%5F", "\\u005f", "\\u005F", "\\x5f", "\\x5F"] as const;

/** What stands before the two digits of an escaped character: `%`, the last 0 of `u00`, or `x`. */
const lastOfSigns = new Set([0x25, 0x30, 0x78]);

/** How base64 of JPEG and PNG begins, in both alphabets. */
export const pictureStart = /^\s{0,8}(?:data:[^,]{0,100};base64,)?(?:\/9j\/|_9j_|iVBORw0KGgo)/i;

/** Characters: next to nothing but pictures is so long. */
const longText = 1024;

/** Whether a text can hold a key at all. Nearly every text is answered after one look for an underscore. */
function mayHoldKey(text: string): boolean {
  if (text.length < randomCharacters) return false;
  if (text.includes("_")) return true;
  // The base64 of a picture has no escapes in it: looking for them would take twice as long again.
  if (text.length > longText && pictureStart.test(text.slice(0, longText))) return false;
  return (text.includes("%") || text.includes("\\")) && /(?:%|u00|x)5f/i.test(text);
}

/** Everything in a text that has the form of a key, in its order, also where characters of it are escaped. */
export function keyFormsIn(text: string): KeyForm[] {
  if (!mayHoldKey(text)) return [];
  const marks = new Underscores(text);
  const found: KeyForm[] = [];
  let done = 0;
  for (let mark = marks.next(0); mark !== null; mark = marks.next(Math.max(done, mark.to))) {
    const form = formAround(text, mark);
    if (form === null || form.from < done) continue;
    found.push(form);
    done = form.to;
  }
  return found;
}

interface Mark {
  from: number;
  to: number;
}

/** The underscores of a text in their order, however they are written. Each way of writing is looked for by itself. */
class Underscores {
  readonly #text: string;
  readonly #ways: { mark: string; at: number }[];

  constructor(text: string) {
    this.#text = text;
    this.#ways = underscores.map((mark) => ({ mark, at: text.indexOf(mark) })).filter(({ at }) => at >= 0);
  }

  /** The first one that does not begin before `from`; `from` never goes back. */
  next(from: number): Mark | null {
    let first: Mark | null = null;
    for (const way of this.#ways) {
      if (way.at >= 0 && way.at < from) way.at = this.#text.indexOf(way.mark, from);
      if (way.at >= 0 && (first === null || way.at < first.from)) {
        first = { from: way.at, to: way.at + way.mark.length };
      }
    }
    return first;
  }
}

/** The form around an underscore: `gpi`, `gpr` or `gpa` before it, and enough letters, digits, `_` and `-` behind. */
function formAround(text: string, mark: Mark): KeyForm | null {
  const scope = charBefore(text, startOfBackslashes(text, mark.from), "ira");
  const second = scope === null ? null : charBefore(text, scope.from, "p");
  const first = second === null ? null : charBefore(text, second.from, "g");
  if (scope === null || first === null) return null;
  const { random, to } = randomFrom(text, mark.to);
  return random.length < randomCharacters ? null : { from: first.from, to, key: `gp${scope.char}_${random}` };
}

/** One of `chars` before `end`, plain or escaped; null where there is another one. */
function charBefore(text: string, end: number, chars: string): { char: string; from: number } | null {
  const plain = text.charAt(end - 1);
  if (plain !== "" && chars.includes(plain)) return { char: plain, from: end - 1 };
  if (!lastOfSigns.has(text.charCodeAt(end - 3))) return null;
  const char = charOfHex(text.slice(end - 2, end));
  const from = chars.includes(char) ? startOfEscaped(text, end - 2) : null;
  return from === null ? null : { char, from };
}

/** Where an escape begins whose two digits are at `digits`; null where there is none. */
function startOfEscaped(text: string, digits: number): number | null {
  if (text.startsWith("%", digits - 1)) return digits - 1;
  for (const sign of ["u00", "x"]) {
    const from = digits - sign.length;
    if (!text.startsWith(sign, from)) continue;
    const start = startOfBackslashes(text, from);
    if (start < from) return start;
  }
  return null;
}

/** JSON within JSON has two backslashes or more where one is meant. */
function startOfBackslashes(text: string, end: number): number {
  let from = end;
  while (text.charCodeAt(from - 1) === 0x5c) from -= 1;
  return from;
}

/** What two hexadecimal digits stand for; a character that no key has where they are none. */
function charOfHex(digits: string): string {
  return /^[0-9a-f]{2}$/i.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : "\0";
}

function randomFrom(text: string, from: number): { random: string; to: number } {
  const escaped: string[] = [];
  let plainFrom = from;
  let to = from;
  for (;;) {
    while (isOfKey[text.charCodeAt(to)] === true) to += 1;
    const next = escapedAt(text, to);
    if (next === null) return { random: escaped.join("") + text.slice(plainFrom, to), to };
    escaped.push(text.slice(plainFrom, to), next.char);
    plainFrom = next.to;
    to = next.to;
  }
}

const isOfKey = Array.from({ length: 128 }, (_, code) => /[\w-]/.test(String.fromCharCode(code)));

/** The escaped letter, digit, `_` or `-` at `at`; null where there is none. */
function escapedAt(text: string, at: number): { char: string; to: number } | null {
  const lead = text.charCodeAt(at);
  let from = at;
  while (text.charCodeAt(from) === 0x5c) from += 1;
  const sign = lead === 0x25 ? "%" : from === at ? "" : text.startsWith("u00", from) ? "u00" : "x";
  if (sign === "" || !text.startsWith(sign, from)) return null;
  const to = from + sign.length + 2;
  const char = charOfHex(text.slice(to - 2, to));
  return /^[\w-]$/.test(char) ? { char, to } : null;
}
