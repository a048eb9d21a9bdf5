import { holdsEvent, isObject, mayHoldEvent } from "@gatepost/protocol";
import { type Field, objectOf } from "./fields.ts";
import { firstLines, type Line, linesOf } from "./lines.ts";
import { withoutPadding } from "./padding.ts";
import { readEither, readStructure } from "./parse-nested.ts";
import { readSequence } from "./sequence.ts";
import { type Read, type Readable, readStrict } from "./strict.ts";
import { readTolerant } from "./tolerant.ts";
import { readUrlencoded } from "./urlencoded.ts";
import { maxReports } from "./values.ts";

/** How many layers of JSON in a JSON string are read. */
const maxLayers = 3;

/**
 * Reads the text of a body: one value, or one on each line. Strict JSON is tried first, and the rest only where it
 * fails.
 */
export function readText(text: string, charset: string, layer = 0): Read | Line[] {
  const strict = readStrict(text);
  if ("value" in strict) {
    const isText = typeof strict.value === "string" && layer < maxLayers;
    const inner = isText ? readText(String(strict.value), charset, layer + 1) : strict;
    return "unreadable" in inner ? strict : inner;
  }
  const lines = readLines(text);
  if (lines !== null) return lines;
  const fields = readUrlencoded(text, charset);
  if (fields !== null) return readEventLines(text) ?? readFields(fields);
  const tolerant = readTolerant(text);
  if ("value" in tolerant || !mayHoldEvent(text)) return "value" in tolerant ? tolerant : strict;
  return readEventLines(text) ?? readSequence(text) ?? strict;
}

/**
 * Reads a form as one object, or as one field that has the whole report: in its value or, if that is empty, in its name.
 * A part without a name is the report, or one of several, and the others belong to it.
 */
export function readFields(fields: readonly Field[]): Read {
  const [first, ...others] = fields;
  if (first === undefined) return { unreadable: "empty-form" };
  const whole = others.length === 0 ? readStructure(first[1] || first[0]) : readNameless(fields);
  const flags = fields.some(([, , isGuess]) => isGuess) ? ["charset"] : [];
  return { value: whole?.value ?? objectOf(fields), flags: [...(whole?.flags ?? []), ...flags] };
}

/** Reads the fields without a name, and adds the others to them; null if there is none, or one cannot be read. */
function readNameless(fields: readonly Field[]): Readable | null {
  const reports = fields.filter(([name]) => name === "").map(([, text]) => readStructure(text));
  const read = reports.filter((report) => report !== null);
  const [report, ...more] = read;
  if (report === undefined || read.length < reports.length) return null;
  const named = objectOf(fields.filter(([name]) => name !== ""));
  const flags = [...new Set(read.flatMap((one) => one.flags))];
  if (more.length === 0 && isObject(report.value)) return { value: { ...report.value, ...named }, flags };
  const rest = Object.keys(named).length === 0 ? [] : [named];
  return { value: [...read.map(({ value }) => value), ...rest], flags };
}

/** Reads a body that has a value on each line; null where it has only one line, or the first line holds no object. */
function readLines(text: string): Read | Line[] | null {
  const [first, second] = linesOf(text);
  if (first === undefined || second === undefined) return null;
  const read = readLine(first).read;
  return "value" in read && isObject(read.value) ? readEach(firstLines(text, maxLines)) : null;
}

/**
 * At most so many lines for each line that is an event. With more, it is another kind of text that contains an event.
 */
const maxLinesAnEvent = 3;

/** A text with more lines has too many reports, or too few of them. */
const maxLines = maxLinesAnEvent * maxReports + 1;

/**
 * Reads the lines of a body that has events on lines of their own, whatever the other lines are; null where it has
 * none.
 */
function readEventLines(text: string): Read | Line[] | null {
  const lines = firstLines(text, maxLines);
  if (lines.length < 2 || lines.length > maxLinesAnEvent * lines.filter(mayHoldEvent).length) return null;
  const events = lines.filter(isEventLine).length;
  return lines.length <= maxLinesAnEvent * events ? readEach(lines) : null;
}

function readEach(lines: readonly string[]): Read | Line[] {
  return lines.length > maxReports ? { unreadable: "too-many-reports" } : lines.map(readLine);
}

/** A line without padding, and without the comma that may join it with the next one. */
function bare(line: string): string {
  return withoutPadding(line).replace(/[,，]\s{0,8}$/, "");
}

function readLine(line: string): Line {
  const text = bare(line);
  const read = readEither(text);
  if ("unreadable" in read || text === line) return { text: line, read };
  return { text: line, read: { ...read, flags: [...new Set(["tolerant-parse", ...read.flags])] } };
}

function isEventLine(line: string): boolean {
  const text = bare(line);
  const read = /^[{[]/.test(text) && mayHoldEvent(text) ? readStrict(text) : { unreadable: "not-json" };
  return "value" in read && holdsEvent(read.value);
}
