import { secretNames } from "@gatepost/protocol";

/** The mask of a secret. It has another length, because that of a code is a part of it. */
export const secretMask = "***";

/** The end of a name of a secret, and what may follow one that has a value. Base64 has none of it. */
const mayHaveSecret = /(?:passw(?:or)?d|passcode|pwd|pin[_-]?code)(?:[\]\\"'=>:\s]|%5D)/i;

/** Characters of the longest secret. The rest of a longer text is none. */
export const maxSecret = 16 * 1024;

/** A name with its value on the same level: before `=`, and before what follows a value there. */
const nameAndEquals = "(?:[;,&\\s](?:amp;)?\\s{0,3}[\\w.%[\\]-]{1,64}=)";

/**
 * The beginning of a secret in quotes, which ends with the same quote: a member of JSON, also within JSON or Python, and an
 * attribute of XML, also within JSON. The groups are the backslashes of the quote, and the quote.
 */
const member = new RegExp(
  `(?<!\\\\)(\\\\{0,7})(["'])@?(?:${secretNames})\\1\\2\\s{0,9}:\\s{0,9}(?:\\1\\2|(-?\\d[\\d.e+-]{0,64}))`,
  "gi",
);
const attribute = new RegExp(`(?<![a-z_-])(?:${secretNames})\\s{0,9}=\\s{0,9}(\\\\{0,7})(["'])`, "gi");

/** Secrets without quotes: of a form or a line, between two tags, and in a part of a form. The last group is the secret. */
const unquoted = [
  `(?:(?<![a-z_-])|%5B)(?:${secretNames})(?:\\]|%5D)?=((?:(?!${nameAndEquals})(?:[^\\t\\r\\n"'<>\\\\]|'(?=\\w))){1,1024})`,
  `<(?:\\w{1,32}:)?(?:${secretNames})(?:\\s(?:[^<>"']|"[^"<]{0,200}"|'[^'<]{0,200}'){0,100})?(?<!\\/)>\\s{0,9}(?:<!\\[CDATA\\[((?:(?!\\]\\]>)[^]){1,4096})|([^<\\s][^<]{0,4095}))`,
  `name\\*?=(?:UTF-8'[\\w-]{0,8}')?["']?(?:[\\w.[\\]-]{0,64}[.[])?(?:${secretNames})\\]?["']?[^\\r\\n]{0,200}\\r?\\n(?:[^\\r\\n]{1,200}\\r?\\n){0,8}\\r?\\n((?:(?!\\r?\\n--)[^]){1,4096})`,
].map((pattern) => new RegExp(pattern, "gi"));

/** The place of a secret in a text, and its mask there. */
export interface SecretPlace {
  from: number;
  to: number;
  mask: string;
}

/**
 * Whether bytes may have the name of a secret: `pass`, `pwd` and a sign that is no letter, or `pin_`, `pin-` or `pinc`, in
 * any case. Makes no text of them: of a body of 63 MB that would cost a quarter of its size in memory.
 */
export function mayNameSecrets(bytes: Uint8Array, from: number, to: number): boolean {
  const small = (at: number) => Number(bytes[at]) | 0x20;
  for (let at = from; at < to; at++) {
    if (small(at) !== 0x70) continue;
    const [second, third, fourth] = [small(at + 1), small(at + 2), small(at + 3)];
    if (second === 0x61 && third === 0x73 && fourth === 0x73) return true;
    if (second === 0x77 && third === 0x64 && !(fourth >= 0x61 && fourth <= 0x7a)) return true;
    if (second === 0x69 && third === 0x6e && (fourth === 0x63 || fourth === 0x2d || fourth === 0x7f)) return true;
  }
  return false;
}

/** Whether a text begins as JSON does, and as the words of Python do not. */
export function isAsJson(text: string): boolean {
  return /^\s{0,99}[[{][\s[{]{0,99}["\d\]}-]/.test(text);
}

/**
 * The places of secrets in a text, in order. A mask is none. In JSON no place has the end of a text of JSON in it, so that
 * the masked text is JSON, too.
 */
export function secretsIn(text: string, isJson = isAsJson(text)): SecretPlace[] {
  if (!mayHaveSecret.test(text)) return [];
  const found = [...membersIn(text), ...attributesIn(text), ...unquotedIn(text)];
  const places: SecretPlace[] = [];
  for (const place of found.sort((a, b) => a.from - b.from)) {
    if (place.from < (places.at(-1)?.to ?? 0)) continue;
    const { from } = place;
    const to = isJson ? from + withinText(text.slice(from, place.to)) : place.to;
    if (to > from && text.slice(from, to) !== secretMask) places.push({ ...place, to });
  }
  return places;
}

/** How many characters are before the first quote without a backslash. */
function withinText(text: string): number {
  return text.length - text.replace(/^(?:[^"\\]|\\.)*/s, "").length;
}

function* membersIn(text: string): Generator<SecretPlace> {
  member.lastIndex = 0;
  for (let found = member.exec(text); found !== null; found = member.exec(text)) {
    const [, slashes = "", quote = "", number] = found;
    const after = member.lastIndex;
    if (number !== undefined) {
      const whole = slashes + quote;
      yield { from: after - number.length, to: after, mask: whole + secretMask + whole };
      continue;
    }
    // A quote within the secret has one backslash more than twice those of its end.
    const { to } = endOf(text, { from: after, slashes: slashes.length, quote, turn: 2 * (slashes.length + 1) });
    if (to > after) yield { from: after, to, mask: secretMask };
    member.lastIndex = to;
  }
}

function* attributesIn(text: string): Generator<SecretPlace> {
  attribute.lastIndex = 0;
  for (let found = attribute.exec(text); found !== null; found = attribute.exec(text)) {
    const [, slashes = "", quote = ""] = found;
    const from = attribute.lastIndex;
    // XML has no backslashes of its own: each quote ends the value.
    const end = endOf(text, { from, slashes: slashes.length, quote, turn: slashes.length + 1 });
    const { to } = end;
    if (!end.isClosed || to === from) continue;
    const after = text.slice(to + slashes.length + 1, to + slashes.length + 2);
    const isOfAddress = /[?&]/.test(text.slice(Math.max(found.index - 1, 0), found.index));
    // The quote may be the end of a text of JSON or of an address, with nothing behind the `=`: what follows is no value.
    if (isOfAddress ? /[^&]/.test(after) : /[^\s/>?,;\\]/.test(after)) continue;
    if (/^\s*[,}\]:]/.test(text.slice(from, to))) continue;
    yield { from, to, mask: secretMask };
    attribute.lastIndex = to;
  }
}

function* unquotedIn(text: string): Generator<SecretPlace> {
  for (const pattern of unquoted) {
    for (const { index, 0: all, 1: one, 2: other } of text.matchAll(pattern)) {
      const to = index + all.length;
      yield { from: to - [one, other].join("").length, to, mask: secretMask };
    }
  }
}

/**
 * The end of a value in quotes: where a quote has as many backslashes as the one of its beginning, not counting whole
 * turns of those that stand for themselves. A line of its own is in no value.
 */
function endOf(
  text: string,
  { from, slashes, quote, turn }: { from: number; slashes: number; quote: string; turn: number },
): { to: number; isClosed: boolean } {
  const last = Math.min(text.length, from + maxSecret);
  let run = 0;
  for (let at = from; at < last; at++) {
    const one = text[at];
    if (one === "\n" || one === "\r") return { to: at, isClosed: false };
    if (one === quote && run % turn === slashes) return { to: at - slashes, isClosed: true };
    // The end of a text around this one.
    if (one === quote && run < slashes) return { to: at - run, isClosed: false };
    run = one === "\\" ? run + 1 : 0;
  }
  return { to: last, isClosed: false };
}

/** A text with its secrets masked. */
export function maskedSecrets(text: string, places: readonly SecretPlace[] = secretsIn(text)): string {
  const pieces: string[] = [];
  let done = 0;
  for (const { from, to, mask } of places) {
    pieces.push(text.slice(done, from), mask);
    done = to;
  }
  return pieces.join("") + text.slice(done);
}
