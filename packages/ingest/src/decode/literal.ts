import { readBytes } from "./charset.ts";
import { unescaped } from "./unescape.ts";

const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i;
const looseNumber = /^-?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;
const notNumbers = /^[-+]?(nan|inf|infinity)$/i;
const constants = new Map([
  ["true", "true"],
  ["false", "false"],
  ["none", "null"],
  ["null", "null"],
  ["undefined", "null"],
]);

/** A longer word is neither a constant nor a number. */
const maxWordLength = 400;

/**
 * Writes an unquoted word as JSON: constants of Python and JSON in any case, and numbers. A number that JSON does not
 * allow (NaN, 007) becomes a text, so that it is kept as it was sent. Null for any other word.
 */
export function wordAsJson(word: string): string | null {
  if (word.length > maxWordLength) return null;
  const constant = constants.get(word.toLowerCase());
  if (constant !== undefined) return constant;
  const number = word.replace(/^\+|l$/gi, "");
  if (jsonNumber.test(number)) return number;
  if (notNumbers.test(word) || /^-?0\d+$/.test(number)) return JSON.stringify(word);
  return looseNumber.test(number) ? JSON.stringify(Number(number)) : null;
}

/**
 * Writes the content of a string, quoted in either way, as JSON; `prefix` is what Python writes before it (`u`, `b`,
 * `r`).
 */
export function stringAsJson(prefix: string, content: string): string {
  const kind = prefix.toLowerCase();
  const text = kind.includes("r") ? content : unescaped(content);
  return JSON.stringify(kind.includes("b") ? readBytes(Buffer.from(text, "latin1"), "").text : text);
}
