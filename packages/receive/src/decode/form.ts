import { isAscii } from "node:buffer";
import { hash } from "node:crypto";
import { isObject, type Json, type JsonObject, setPath, terminalPictures } from "@gatepost/protocol";
import { declaredCharset, hexDigit, type ReadText, readBytes, skipBlanks, withoutPadding } from "./text.ts";

/** A part of a multipart form beside its name and text. Its other names are "" if it has none. */
interface FormPart {
  fileName: string;
  id: string;
  content: Buffer;
  isBinary: boolean;
}

/** One field of a form, and whether the charset of its text was guessed. */
export type Field = readonly [name: string, text: string, isGuess?: boolean, part?: FormPart];

/** One field of a multipart form. */
export type PartField = readonly [name: string, text: string, isGuess: boolean, part: FormPart];

function field(name: ReadText, text: ReadText): Field {
  return name.isGuess || text.isGuess ? [name.text, text.text, true] : [name.text, text.text];
}

/** Far more than a report needs, even with a form field for each of its members. */
const maxFields = 20_000;

/** How many brackets in the name of a field are read as levels. */
const maxLevels = 8;

/** A longer name is not read as a path. */
const maxNameLength = 1000;

/** How senders write null in forms. */
const nulls = new Set(["None", "null"]);

/**
 * Adds the fields of a form to an object. `a[b]` and `a.b` are members of a. A name that is repeated with different
 * values becomes a list. `isLossy`: another value gave way to one of them.
 */
export function withFields(fields: readonly Field[], body: JsonObject = {}): { value: JsonObject; isLossy: boolean } {
  let isLossy = false;
  for (const [name, values] of grouped(fields)) {
    const [first = null] = values;
    const isOne = values.every((value) => value === first) && !name.endsWith("[]");
    const value = isOne ? first : values;
    const path = pathOf(name);
    const around = valuesOn(path, body);
    const last = around.pop() ?? null;
    const isWithin = around.some((inner) => says(inner) && !isObject(inner));
    if (!says(value) && (isWithin || says(last))) continue;
    isLossy ||= isWithin || (says(last) && differ(last, value));
    setPath(body, path, value);
  }
  return { value: body, isLossy };
}

/** The values of a body along a path, the outermost first; null if there is none. */
function valuesOn(path: readonly string[], body: JsonObject): Json[] {
  let inner: Json = body;
  return path.map((key) => {
    inner = (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : null) ?? null;
    return inner;
  });
}

const says = (value: Json) => value !== null && value !== "";

/** Whether the value of a member differs from the texts of a field. A member of an object may have any name, as `toString`. */
function differ(value: Json, texts: Json): boolean {
  return typeof value === "object" ? JSON.stringify(value) !== JSON.stringify(texts) : `${value}` !== `${texts}`;
}

function grouped(fields: readonly Field[]): Map<string, Json[]> {
  const groups = new Map<string, Json[]>();
  for (const [name, text] of fields) {
    const values = groups.get(name) ?? [];
    groups.set(name, values);
    values.push(nulls.has(text) ? null : text);
  }
  return groups;
}

function pathOf(name: string): string[] {
  if (name.length > maxNameLength) return [name];
  const path = name.split(/[[\].]+/, maxLevels + 1).filter((key) => key !== "");
  return path.length === 0 || path.length > maxLevels ? [name] : path;
}

/** The name of the first field ends within so many characters. */
const beginningLength = 201;
const beginning = /^(%7b|%5b|[\w.[\]%-]{0,200}=)/i;

/** Reads the fields of an urlencoded form; null if the text is not one, or ends within a character. */
export function readUrlencoded(text: string, charset: string): Field[] | null {
  const first = skipBlanks(text);
  if (!isForm(text.slice(first, first + beginningLength), text.slice(-2))) return null;
  const pairs = text.trim().split("&", maxFields + 1);
  if (pairs.length > maxFields) return null;
  return pairs.filter((pair) => pair !== "").map((pair) => fieldOfPair(pair, charset));
}

/**
 * The same for bytes, without a text of all of them. Null also if the bytes are not one line of ASCII, or begin or end
 * with blanks.
 */
export function readUrlencodedBytes(bytes: Buffer, charset: string): Field[] | null {
  if (!isForm(bytes.toString("latin1", 0, beginningLength), bytes.toString("latin1", bytes.length - 2))) return null;
  if (Number(bytes.at(-1)) <= blank || bytes.includes("\n") || !isAscii(bytes)) return null;
  return piecesOf(bytes)?.map((pair) => fieldOfPair(pair, charset)) ?? null;
}

/** The pairs that are not empty; null if there are too many. They are counted first, and read afterwards. */
function piecesOf(bytes: Buffer): Buffer[] | null {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let pairs = 1; from <= bytes.length; pairs++) {
    if (pairs > maxFields) return null;
    const end = bytes.indexOf(ampersand, from);
    const to = end < 0 ? bytes.length : end;
    if (to > from) pieces.push(bytes.subarray(from, to));
    from = to + 1;
  }
  return pieces;
}

function isForm(beginningOfText: string, end: string): boolean {
  return beginning.test(beginningOfText) && !/%[\da-f]?$/i.test(end);
}

/** A text, or bytes of ASCII. */
type Encoded = string | Buffer;

function fieldOfPair(pair: Encoded, charset: string): Field {
  const end = pair.indexOf("=");
  const name = end < 0 ? pair : pieceOf(pair, 0, end);
  const text = end < 0 ? "" : pieceOf(pair, end + 1);
  return field(decoded(name, charset), decoded(text, charset));
}

function pieceOf(encoded: Encoded, from: number, to?: number): Encoded {
  return typeof encoded === "string" ? encoded.slice(from, to) : encoded.subarray(from, to);
}

function decoded(encoded: Encoded, charset: string): ReadText {
  const read = encoded.includes("%")
    ? readBytes(unescaped(encoded), charset)
    : { text: (encoded.includes("+") ? unescaped(encoded) : encoded).toString(), isGuess: false };
  return { ...read, text: withPluses(read.text) };
}

/** The bytes of percent-encoded text. Their charset is not considered here. */
function unescaped(encoded: Encoded): Buffer {
  const bytes = Buffer.from(encoded);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = Number(bytes[at]);
    const escaped = byte === percent ? byteOf(bytes[at + 1], bytes[at + 2]) : null;
    bytes[length] = escaped ?? (byte === plus ? blank : byte);
    length += 1;
    if (escaped !== null) at += 2;
  }
  return bytes.subarray(0, length);
}

const lineFeed = 0x0a;
const ampersand = 0x26;
const percent = 0x25;
const plus = 0x2b;
const blank = 0x20;

function byteOf(first = 0, second = 0): number | null {
  const [high, low] = [hexDigit(first), hexDigit(second)];
  return high === null || low === null ? null : high * 16 + low;
}

/** Most bytes of a boundary line; RFC 2046 allows 70 characters. */
const boundaryBytes = 200;

/** Whether a text has nothing in it, or only the blanks and zeros that a sender may leave behind a form. */
export function isBlankText(text: string): boolean {
  return withoutPadding(text).trim() === "";
}

/** A multipart form. */
export interface MultipartForm {
  fields: PartField[];
  /** Whether its last boundary is missing. */
  isTorn: boolean;
}

/**
 * Reads the fields of a multipart form; binary ones become base64. The form is recognised by its first line and not by
 * the content type, because some senders write the type without its boundary. Null if the body is not a multipart form.
 */
export function readMultipart(sent: Buffer, charset: string): MultipartForm | "too-many-fields" | null {
  const fields: PartField[] = [];
  const isWhole = addFields(fields, sent, charset, 0);
  if (isWhole === null) return null;
  return fields.length > maxFields ? "too-many-fields" : { fields, isTorn: !isWhole };
}

/** How many forms within each other are read. */
const maxForms = 4;

const noHeaders: ReadText = { text: "", isGuess: false };

/** Adds the parts of a form, and of the forms in it. Returns whether it has its end; null if it is not a form. */
function addFields(fields: PartField[], sent: Buffer, charset: string, level: number): boolean | null {
  const body = withoutLineEnds(sent);
  const delimiter = delimiterOf(body);
  if (delimiter === null) return null;
  let from = delimiter.length;
  while (!areDashes(body, from)) {
    if (fields.length > maxFields) return true;
    const { to, next } = endOfPart(body, from, delimiter);
    addPart(fields, body.subarray(from, to), charset, level);
    if (next === null) return false;
    from = next;
  }
  const behind = fieldOfPart(noHeaders, body.subarray(from + 2), charset);
  if (!isBlankText(behind[1])) fields.push(behind);
  return true;
}

/** Adds one part: headers, an empty line, content. A form in it that has no end is one field. */
function addPart(fields: PartField[], part: Buffer, charset: string, level: number): void {
  const [separator, at] = endOfHeaders(part.subarray(0, headerBytes));
  const headers = readBytes(part.subarray(0, Math.max(at, 0)), charset);
  const content = at < 0 ? part : part.subarray(at + separator.length);
  const before = fields.length;
  const isForm = level < maxForms && /^content-type:\s*multipart\//im.test(headers.text);
  if (isForm && addFields(fields, content, charset, level + 1) === true) return;
  // In a form whose lines end with a single LF, a CR before it is the last byte of a file.
  const isCrlf = separator === "\r\n\r\n" && content.at(-1) === 0x0d;
  fields.length = before;
  fields.push(fieldOfPart(headers, isCrlf ? content.subarray(0, -1) : content, charset));
}

/** The end of a part, and the place behind the boundary that follows it; null if none follows. */
function endOfPart(body: Buffer, from: number, delimiter: string): { to: number; next: number | null } {
  const stated = statedEnd(body, from, delimiter);
  if (stated !== null) return stated;
  const end = body.indexOf(`\n${delimiter}`, from, "latin1");
  if (end >= 0) return { to: end, next: end + 1 + delimiter.length };
  return { to: body.at(-1) === lineFeed ? body.length - 1 : body.length, next: null };
}

const ownLength = /^content-length:[ \t]{0,8}(\d{1,9})[ \t]{0,8}\r?$/im;

/** Line ends between a part and its boundary: one as a rule, but terminals write none or two as well. */
const maxLineEnds = 8;

/** The same by the part's own Content-Length. Null if it states none, or neither a boundary nor the end is there. */
function statedEnd(body: Buffer, from: number, delimiter: string): { to: number; next: number | null } | null {
  const head = body.subarray(from, from + headerBytes);
  const [separator, at] = endOfHeaders(head);
  const headers = head.toString("latin1", 0, Math.max(at, 0));
  const length = headers.includes(delimiter) ? undefined : ownLength.exec(headers)?.[1];
  if (length === undefined) return null;
  const end = from + at + separator.length + Number(length);
  const behind = body.toString("latin1", end, end + maxLineEnds + delimiter.length);
  const boundary = behind.search(/[^\r\n]/);
  const to = behind.startsWith("\r") ? end + 1 : end;
  if (boundary < 0) return end + behind.length === body.length ? { to, next: null } : null;
  return behind.startsWith(delimiter, boundary) ? { to, next: end + boundary + delimiter.length } : null;
}

/** Whether a text begins like a multipart form. */
export function mayBeMultipart(text: string): boolean {
  return /^[\r\n]*--/.test(text);
}

/** Some senders write a line end before each boundary, also before the first. */
function withoutLineEnds(sent: Buffer): Buffer {
  let at = 0;
  while (sent[at] === 0x0d || sent[at] === 0x0a) at += 1;
  return sent.subarray(at);
}

function delimiterOf(body: Buffer): string | null {
  if (!areDashes(body, 0)) return null;
  const [line = ""] = body.toString("latin1", 0, boundaryBytes).split("\n", 1);
  return line.length < boundaryBytes && line.trimEnd().length > 2 ? line.trimEnd() : null;
}

function areDashes(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x2d && bytes[at + 1] === 0x2d;
}

/** Most bytes of the headers of one part: far more than the names of a field and a file need. */
const headerBytes = 8 * 1024;

/** The name of a field that has none, and is not JSON: terminals send reports and pictures so. No other field has it. */
export const unnamed = "\0";

function fieldOfPart(headers: ReadText, content: Buffer, charset: string): PartField {
  const isJson = /^content-type:\s*application\/(?:[\w.-]+\+)?json\b/im.test(headers.text);
  const headed = (pattern: RegExp) => pattern.exec(headers.text)?.[1];
  const name = headed(/[;\s]name="?([^";\r\n]*)/i) ?? (isJson ? "" : unnamed);
  const ownCharset = declaredCharset(headed(/^(content-type:.*)$/im) ?? "");
  const { text, isGuess, isBinary = false } = readBytes(content, ownCharset || charset);
  const fileName = headed(/[;\s]filename="?([^";\r\n]*)/i) ?? "";
  const id = headed(/^content-id:[ \t]{0,8}<?([^>\r\n]*)/im) ?? "";
  return [name, text, headers.isGuess || isGuess, { fileName, id, content, isBinary }];
}

/** A part of a form that is not in the value of the form. Its text is base64 if its bytes are surely no text. */
export type LeftPart = Record<"name" | "text" | "fileName" | "id", string> & { isBinary: boolean };

export function leftOf([name, text, isGuess, part]: PartField): LeftPart {
  const { fileName, id, content, isBinary } = part;
  return { name, text: isGuess ? content.toString("base64") : text, fileName, id, isBinary: isGuess || isBinary };
}

/** A value, without pictures of terminals, and parts beside it, as a form again. */
export function formOf(value: Json, left: readonly LeftPart[]): Buffer {
  const text = JSON.stringify(value, (name, member: Json) => (name === terminalPictures ? undefined : member));
  const report: LeftPart = { name: "", text, fileName: "", id: "", isBinary: false };
  const delimiter = `--${hash("sha256", JSON.stringify([report, ...left]))}`;
  const parts = [report, ...left].flatMap(({ name, text, fileName, id, isBinary }) => [
    `${delimiter}\r\nContent-Disposition: form-data`,
    name === unnamed ? "" : `; name="${name}"`,
    fileName && `; filename="${fileName}"`,
    id && `\r\nContent-ID: <${id}>`,
    "\r\n\r\n",
    Buffer.from(text, isBinary ? "base64" : "utf8"),
    "\r\n",
  ]);
  return Buffer.concat([...parts, `${delimiter}--\r\n`].map((part) => Buffer.from(part)));
}

/** The first empty line. The other kind of empty line may be within a file. */
function endOfHeaders(part: Buffer): [separator: string, at: number] {
  const [crlf, lf] = [part.indexOf("\r\n\r\n"), part.indexOf("\n\n")];
  return lf < 0 || (crlf >= 0 && crlf < lf) ? ["\r\n\r\n", crlf] : ["\n\n", lf];
}

/** How the base64 of JPEG and PNG begins, also in JSON that escapes slashes. */
const beginnings = ["/9j/", "/9j\\/", "iVBORw0KGgo"];

/** Characters of base64, blanks, and the backslashes that JSON may write before slashes. */
const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\\ ";
const belonging = Array.from({ length: 128 }, (_, code) => characters.includes(String.fromCharCode(code)));

/**
 * Restores the base64 of JPEG and PNG, also within JSON, in a form whose `+` was not encoded and so arrived as a blank.
 */
function withPluses(text: string): string {
  if (!text.includes(" ")) return text;
  const pieces: string[] = [];
  const pictures = new Pictures(text);
  let from = 0;
  for (let at = pictures.next(0); at >= 0; at = pictures.next(from)) {
    const end = endOfPicture(text, at);
    const bytes = Buffer.from(text.slice(at, end), "latin1");
    for (let place = 0; place < bytes.length; place++) if (bytes[place] === blank) bytes[place] = plus;
    pieces.push(text.slice(from, at), bytes.toString("latin1"));
    from = end;
  }
  return pieces.join("") + text.slice(from);
}

/** Finds beginnings of pictures in a text. Each search continues from the last place of that beginning. */
class Pictures {
  readonly #text: string;
  readonly #found: { beginning: string; at: number }[];

  constructor(text: string) {
    this.#text = text;
    this.#found = beginnings.map((beginning) => ({ beginning, at: text.indexOf(beginning) }));
  }

  /** The first beginning of a picture from `from` on; -1 if there is none. */
  next(from: number): number {
    for (const candidate of this.#found) {
      if (candidate.at >= 0 && candidate.at < from) candidate.at = this.#text.indexOf(candidate.beginning, from);
    }
    const places = this.#found.flatMap(({ at }) => (at < 0 ? [] : [at]));
    return places.length === 0 ? -1 : Math.min(...places);
  }
}

function endOfPicture(text: string, from: number): number {
  let end = from;
  while (end < text.length && belonging[text.charCodeAt(end)] === true) end += 1;
  return end;
}
