import { holdsEvent } from "@gatepost/protocol";
import type { Line } from "./lines.ts";
import { readEither } from "./parse-nested.ts";
import { endOfString } from "./scan.ts";
import type { Read, Readable } from "./strict.ts";
import { maxReports } from "./values.ts";

/** What may stand between values. */
const betweenValues = " \t\r\n,;\0\u001e\ufeff";

/**
 * A text that is no JSON because something follows its first value: further values, or what nobody can read. Null where no
 * event is in the values. A torn value is no value.
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
  if (first === undefined || !values.some(({ read }) => holdsEvent(read.value))) return null;
  if (others.length === 0) return rest === "" ? first.read : { ...first.read, rest };
  return rest === "" ? values : [...values, { text: rest, read: { unreadable: "trailing" } }];
}

function skipBetween(text: string, from: number): number {
  let at = from;
  while (at < text.length && betweenValues.includes(text.charAt(at))) at += 1;
  return at;
}

/** Where the object or list ends that begins at `from`; -1 where none does, or where it has no end. */
function endOfValue(text: string, from: number): number {
  if (text[from] !== "{" && text[from] !== "[") return -1;
  const marks = /["{}[\]]/g;
  marks.lastIndex = from;
  const next = () => marks.exec(text)?.[0];
  let level = 0;
  for (let mark = next(); mark !== undefined; mark = next()) {
    if (mark === '"') marks.lastIndex = endOfString(text, marks.lastIndex, '"') + 1 || text.length;
    else level += mark === "{" || mark === "[" ? 1 : -1;
    if (level === 0) return marks.lastIndex;
  }
  return -1;
}
