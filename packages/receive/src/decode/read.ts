import { endOfString } from "@gatepost/core/json";
import { holdsEvent, isObject, type Json, type JsonObject, mayHoldEvent } from "@gatepost/protocol";
import type { Body } from "./body.ts";
import {
  type Field,
  isBlankText,
  type LeftPart,
  leftOf,
  mayBeMultipart,
  type PartField,
  readMultipart,
  readUrlencoded,
  readUrlencodedBytes,
  unnamed,
  withFields,
} from "./form.ts";
import { type Line, type Read, type Readable, readStrict } from "./json.ts";
import { bodyReading } from "./limits.ts";
import { isFile, withPictures } from "./part-pictures.ts";
import { type CutPictures, readLargeJson } from "./pictures.ts";
import { readEither, readStructure } from "./structure.ts";
import type { TerminalForms } from "./terminal-forms.ts";
import {
  firstLines,
  isPictureFile,
  linesOf,
  mayBeSpoilt,
  mayBeUtf8,
  type ReadText,
  readTextOf,
  withoutMark,
  withoutPadding,
} from "./text.ts";
import { readTolerant } from "./tolerant.ts";

/** The read values of a body, possibly with its pictures cut out. */
export interface Cuttable {
  cut?: CutPictures | null;
}

/** Reads the text or the bytes of a body, in any charset and form. Nearly every body is plain. */
export function readBody(body: Body, charset: string, terminals?: TerminalForms): (Read & Cuttable) | Line[] {
  const sent = body.text ?? body.unpacked;
  if (isPlain(sent, charset)) return readLargeJson(sent) ?? readSent(sent, charset, terminals);
  return readForm(body.unpacked, charset, terminals);
}

const openObject = 0x7b;

/** Whether a body is surely neither a multipart form nor UTF-16 and, if it was received as bytes, no other form. */
function isPlain(sent: string | Buffer, charset: string): boolean {
  if (typeof sent === "string") return !mayBeMultipart(sent) && !isWide(sent);
  return sent[0] === openObject && mayBeUtf8(sent, charset);
}

/** Reads bytes that may be a form. */
function readForm(bytes: Buffer, charset: string, terminals?: TerminalForms): (Read & Cuttable) | Line[] {
  if (isPictureFile(bytes)) return { unreadable: "picture-alone" };
  const multipart = readMultipart(bytes, charset);
  if (typeof multipart === "string") return { unreadable: multipart };
  if (multipart !== null) {
    const { fields, isTorn } = multipart;
    return terminals?.readForm(fields) ?? (isTorn ? { unreadable: "torn-form" } : readParts(fields));
  }
  const large = mayBeUtf8(bytes, charset) ? readLargeJson(bytes) : null;
  if (large !== null) return large;
  const form = mayBeUtf8(bytes, charset) ? readUrlencodedBytes(bytes, charset) : null;
  if (form !== null) return readFields(form);
  return readSent(bytes, charset, terminals);
}

/** Reads a body that is not a form of its bytes: as strict JSON, and only if that fails in other ways. */
function readSent(sent: string | Buffer, charset: string, terminals?: TerminalForms): Read | Line[] {
  if (typeof sent === "string") return readSentText(sent, charset, terminals);
  const text = readTextOf(sent, charset);
  return text === null ? { unreadable: "unknown-charset" } : readWhole(text, charset, terminals);
}

function readSentText(sent: string, charset: string, terminals?: TerminalForms): Read | Line[] {
  const isGuess = mayBeSpoilt(sent, charset);
  const read = readWhole({ text: withoutMark(sent), isGuess }, charset, terminals);
  const mended = "unreadable" in read && isGuess ? sent.replaceAll(tornBackslash, "\uFFFD") : sent;
  return mended === sent ? read : readWhole({ text: mended, isGuess }, charset, terminals);
}

/**
 * In Big5, Shift_JIS and GBK the last byte of some characters is a backslash. Without its first byte it looks like an
 * escape.
 */
const tornBackslash = "\uFFFD\\";

function readWhole({ text: sent, isGuess }: ReadText, charset: string, terminals?: TerminalForms): Read | Line[] {
  const text = withoutPadding(sent);
  if (text === "") return { unreadable: "empty-body" };
  const flags = [...(isGuess ? ["charset"] : []), ...(text === sent ? [] : ["tolerant-parse"])];
  const read = terminals?.readText(text) ?? readText(text, charset);
  return Array.isArray(read) ? read.map((line) => ({ ...line, read: noted(line.read, flags) })) : noted(read, flags);
}

/** The read values, with further flags. */
export function noted(read: Read, flags: readonly string[]): Read {
  if ("unreadable" in read || flags.length === 0) return read;
  return { ...read, flags: [...new Set([...flags, ...read.flags])] };
}

/** Whether UTF-16 was read as if it were UTF-8. JSON begins with ASCII, so one of the first two characters is zero. */
function isWide(text: string): boolean {
  return (text.charCodeAt(0) === 0) !== (text.charCodeAt(1) === 0);
}

/** How many layers of JSON in a JSON string are read. */
const maxLayers = 3;

/**
 * Reads the text of a body: one value, or one on each line. Strict JSON is tried first, and the rest only if it fails.
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

/** Reads a form in parts. A picture that another part names is in that part. */
export function readParts(parts: readonly PartField[]): Read {
  const fields = withPictures(parts);
  const left = fields.filter(([name, text]) => name === unnamed && !isBlankText(text)).map(leftOf);
  const named = fields.filter(([name]) => name !== unnamed);
  const read = readFields(named, left);
  const files = new Set(parts.filter(isFile).map(([, text]) => text));
  return "value" in read && files.size > 0 ? { ...read, files } : read;
}

/**
 * Reads a form as one object, or as one field that has the whole report: in its value or, if that is empty, in its name.
 * A part without a name is the report, or one of several, and the others belong to it.
 *
 * @param left parts beside the fields
 */
function readFields(fields: readonly Field[], left: LeftPart[] = []): Read {
  const [first] = fields;
  if (first === undefined) return { unreadable: "empty-form" };
  const whole = fields.length === 1 ? readStructure(first[1] || first[0]) : readNameless(fields);
  const { value, flags = [], isLossy = false }: ReadFields = whole ?? withFields(fields);
  const isGuess = fields.some(([, , isOfGuess]) => isOfGuess);
  return { value, flags: isGuess ? [...flags, "charset"] : flags, ...(isLossy || left.length > 0 ? { left } : {}) };
}

/** The value of a form. `isLossy`: something in it gave way to a field. */
interface ReadFields {
  value: Json;
  flags?: readonly string[];
  isLossy?: boolean;
}

/** Reads the fields without a name, and adds the others to them; null if there is none, or one cannot be read. */
function readNameless(fields: readonly Field[]): ReadFields | null {
  const reports = fields.filter(([name]) => name === "").map(([, text]) => readStructure(text));
  const read = reports.filter((report) => report !== null);
  const [report, ...more] = read;
  if (report === undefined || read.length < reports.length) return null;
  const named = fields.filter(([name]) => name !== "");
  const flags = [...new Set(read.flatMap((one) => one.flags))];
  if (more.length === 0 && isObject(report.value)) return { ...withFields(named, report.value), flags };
  const rest = withFields(named);
  const values = read.map(({ value }) => value);
  return { ...rest, value: named.length === 0 ? values : [...values, rest.value], flags };
}

/** Reads a body that has a value on each line; null if it has only one line, or the first line contains no object. */
function readLines(text: string): Line[] | null {
  const [first, second] = linesOf(text);
  if (first === undefined || second === undefined) return null;
  const read = readLine(first).read;
  return "value" in read && isObject(read.value) ? readEach(firstLines(text, maxLines())) : null;
}

/**
 * At most so many lines for each line that is an event. With more, it is another kind of text that contains an event.
 */
const maxLinesAnEvent = 3;

/** A text with more lines has too many reports, or too few of them. */
const maxLines = () => maxLinesAnEvent * bodyReading().maxReports + 1;

/** Reads the lines of a body that has an event on each of some lines, with any other lines; null if it has none. */
function readEventLines(text: string): Line[] | null {
  const lines = firstLines(text, maxLines());
  if (lines.length < 2 || lines.length > maxLinesAnEvent * lines.filter(mayHoldEvent).length) return null;
  const events = lines.filter(isEventLine).length;
  return lines.length <= maxLinesAnEvent * events ? readEach(lines) : null;
}

function readEach(lines: readonly string[]): Line[] {
  bodyReading().checkReports(lines.length);
  return lines.map(readLine);
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

/** Characters that are allowed between values. */
const betweenValues = " \t\r\n,，;\0\u001e\ufeff";

/**
 * Reads a text that is not JSON because something follows its first value: further values, or text that cannot be read.
 * Null if there is no event in it, and it is not several objects and nothing else. A value that is cut off counts as text
 * that cannot be read.
 */
function readSequence(text: string): Read | Line[] | null {
  const values: { text: string; read: Readable }[] = [];
  let next = skipBetween(text, 0);
  for (let end = endOfValue(text, next); end > 0; end = endOfValue(text, next)) {
    bodyReading().checkReports(values.length + 1);
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

/** The end of the object or list that begins at `from`; -1 if there is none, or it is cut off. */
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

/**
 * Members that are objects or lists in the field tables of docs/formats.md. Forms, and senders that encode twice, send
 * them as text.
 */
const structured = [
  "events",
  "data",
  "records",
  "ext_data",
  "identity_info",
  "ep_info",
  "recognize_face_attr",
  "media_device_info",
  "common",
  "gate_data",
  "grab_data",
  "video_data",
  "info",
  "box",
  "point",
  "feature",
  "box_fiqa_info",
  "grab_fiqa_info",
  "gateway_ext_data",
  "sub_devices",
  "media_devices",
  "deviceList",
  "cameraInfo",
] as const;

/** Three levels: ext_data, its info, and the lists in that. */
const levels = 3;

/**
 * Parses members that were received as text (JSON or Python's repr) in the place of an object or a list. Changes `body`
 * itself. Returns the flags for the event.
 */
export function parseNested(body: JsonObject, level = 0): string[] {
  const flags: string[] = [];
  for (const name of structured) {
    const value = body[name];
    const read = typeof value === "string" ? readStructure(value) : null;
    if (read !== null) {
      body[name] = read.value;
      flags.push(...read.flags);
    }
    const inner = read?.value ?? value;
    if (level < levels && isObject(inner)) flags.push(...parseNested(inner, level + 1));
  }
  return flags;
}
