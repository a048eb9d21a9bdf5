import { isBlank } from "@gatepost/protocol";
import { skipBlanks } from "./blanks.ts";

type TokenKind = "nothing" | "open" | "close" | "comma" | "colon" | "quote" | "word";

/** The next token of a text that is nearly JSON. */
export interface Token {
  kind: TokenKind;
  /** Where the token ends; of a string, the end of its opening quote. */
  end: number;
}

const signs = new Map<string, TokenKind>([
  ..."{[(".split("").map((sign) => [sign, "open"] as const),
  ..."}])".split("").map((sign) => [sign, "close"] as const),
  ...",，".split("").map((sign) => [sign, "comma"] as const),
  ...":：".split("").map((sign) => [sign, "colon"] as const),
  ...`"'`.split("").map((sign) => [sign, "quote"] as const),
]);
const kinds = new Map([...signs].map(([sign, kind]) => [sign.charCodeAt(0), kind]));
const slash = 0x2f;
const asterisk = 0x2a;
/** What Python writes before a string: b, u, r, or two of them. */
const prefixes = new Set([..."burBUR"].map((letter) => letter.charCodeAt(0)));
const maxPrefixLength = 2;
/** Most characters of a name without quotes. Other kinds of text have words of any length. */
const maxWordLength = 1024;

/** The token at `at`, after white space and comments; null where there is none. */
export function tokenAt(text: string, at: number): Token | null {
  const code = text.charCodeAt(at);
  const kind = kinds.get(code);
  if (kind !== undefined) return { kind, end: at + 1 };
  if (isBlank(code)) return { kind: "nothing", end: skipBlanks(text, at) };
  if (code === slash) return comment(text, at);
  const quote = afterPrefix(text, at);
  if (quote !== null) return { kind: "quote", end: quote };
  const end = endOfWord(text, at);
  return end - at > maxWordLength ? null : { kind: "word", end };
}

function comment(text: string, at: number): Token | null {
  const second = text.charCodeAt(at + 1);
  if (second !== slash && second !== asterisk) return null;
  const isLine = second === slash;
  const end = isLine ? text.indexOf("\n", at) : text.indexOf("*/", at + 2);
  if (end < 0) return isLine ? { kind: "nothing", end: text.length } : null;
  return { kind: "nothing", end: isLine ? end : end + 2 };
}

/** The position after the opening quote of a string with a prefix; null where there is none. */
function afterPrefix(text: string, at: number): number | null {
  let end = at;
  while (end - at < maxPrefixLength && prefixes.has(text.charCodeAt(end))) end += 1;
  return end > at && kinds.get(text.charCodeAt(end)) === "quote" ? end + 1 : null;
}

function endOfWord(text: string, at: number): number {
  const last = Math.min(text.length, at + maxWordLength + 1);
  let end = at + 1;
  while (end < last && !endsWord(text.charCodeAt(end))) end += 1;
  return end;
}

const plain = Array.from({ length: 128 }, (_, code) => !kinds.has(code) && code !== slash && !isBlank(code));

function endsWord(code: number): boolean {
  return !(plain[code] ?? !(kinds.has(code) || isBlank(code)));
}
