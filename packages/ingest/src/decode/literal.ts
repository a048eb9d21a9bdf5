import { readBytes } from "./charset.ts";

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

/**
 * An unquoted word as JSON: the constants of Python and JSON in any case, and numbers. A number that JSON does not have
 * (NaN, 007) becomes a text, so that it is kept as it was sent. Null for any other word.
 */
export function wordAsJson(word: string): string | null {
  const constant = constants.get(word.toLowerCase());
  if (constant !== undefined) return constant;
  const number = word.replace(/^\+|l$/gi, "");
  if (jsonNumber.test(number)) return number;
  if (notNumbers.test(word) || /^-?0\d+$/.test(number)) return JSON.stringify(word);
  return looseNumber.test(number) ? JSON.stringify(Number(number)) : null;
}

const escapes = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["b", "\b"],
  ["f", "\f"],
  ["v", "\v"],
  ["a", "\u0007"],
  ["0", "\0"],
  ["\n", ""],
  ["\r\n", ""],
]);

/** The content of a string in quotes of either kind, with what Python writes before them (`u`, `b`, `r`), as JSON. */
export function stringAsJson(prefix: string, content: string): string {
  const kind = prefix.toLowerCase();
  const text = kind.includes("r") ? content : unescaped(content);
  return JSON.stringify(kind.includes("b") ? readBytes(Buffer.from(text, "latin1"), "").text : text);
}

function unescaped(content: string): string {
  if (!content.includes("\\")) return content;
  return content.replaceAll(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(\r\n|[\s\S]))/g, escaped);
}

type Group = string | undefined;

function escaped(_whole: string, x: Group, u: Group, long: Group, other = ""): string {
  const digits = x ?? u ?? long;
  if (digits === undefined) return escapes.get(other) ?? other;
  const code = Number.parseInt(digits, 16);
  return code > 0x10ffff ? "\uFFFD" : String.fromCodePoint(code);
}
