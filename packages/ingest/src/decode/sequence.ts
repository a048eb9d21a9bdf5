import { holdsEvent, isObject } from "@gatepost/protocol";
import type { Line } from "./lines.ts";
import { readEither } from "./parse-nested.ts";
import { endOfString } from "./scan.ts";
import type { Read, Readable } from "./strict.ts";
import { maxReports } from "./values.ts";

/** Characters that may stand between values. */
const betweenValues = " \t\r\n,，;\0\u001e\ufeff";

/**
 * Reads a text that is not JSON because something follows its first value: further values, or text that cannot be read.
 * Null if there is no event in it, and it is not several objects and nothing else. A value that is cut off counts as text
 * that cannot be read.
 */
export function readSequence(text: string): Read | Line[] | null {
  const values: { text: string; read: Readable }[] = [];
  let next = skipBetween(text, 0);
  for (let end = endOfValue(text, next); end > 0; end = endOfValue(text, next)) {
    if (values.length === maxReports) return { unreadable: "too-many-reports" };
    const value = text.slice(next, end);
    const read = readEither(value);
    if (!("value" in read)) break;
    values.push({ text: value, read: { value: read.value, flags: [...new Set(["tolerant-parse", ...read.flags])] } });
    next = skipBetween(text, end);
  }
  const rest = text.slice(next);
  const [first, ...others] = values;
  const areObjects = rest === "" && others.length > 0 && values.every(({ read }) => isObject(read.value));
  if (first === undefined || !(areObjects || values.some(({ read }) => holdsEvent(read.value)))) return null;
  if (others.length === 0) return rest === "" ? first.read : { ...first.read, rest };
  return rest === "" ? values : [...values, { text: rest, read: { unreadable: "trailing" } }];
}

function skipBetween(text: string, from: number): number {
  let at = from;
  while (at < text.length && betweenValues.includes(text.charAt(at))) at += 1;
  return at;
}

/** The end of the object or list that begins at `from`; -1 where there is none, or it is cut off. */
function endOfValue(text: string, from: number): number {
  if (text[from] !== "{" && text[from] !== "[") return -1;
  const marks = /["'{}[\]]/g;
  marks.lastIndex = from;
  const next = () => marks.exec(text)?.[0];
  let level = 0;
  for (let mark = next(); mark !== undefined; mark = next()) {
    if (mark === '"' || mark === "'") marks.lastIndex = endOfString(text, marks.lastIndex, mark) + 1 || text.length;
    else level += mark === "{" || mark === "[" ? 1 : -1;
    if (level === 0) return marks.lastIndex;
  }
  return -1;
}
