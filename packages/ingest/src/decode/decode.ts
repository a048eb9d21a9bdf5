import { isObject, type Json } from "@gatepost/protocol";
import type { Body } from "./body.ts";
import { declaredCharset, mayBeUtf8, type ReadText, readTextOf, withoutMark } from "./charset.ts";
import { readLargeJson } from "./large-json.ts";
import { readMultipart } from "./multipart.ts";
import { withoutPadding } from "./padding.ts";
import { parseNested, readStructure } from "./parse-nested.ts";
import type { Read } from "./strict.ts";
import { type Line, maxReports, readFields, readText } from "./text.ts";
import { unpack } from "./unpack.ts";

/** One value of a body, or of a batch in it, with its source, which is kept where the value cannot be understood. */
export interface Part {
  read: Read;
  /** The bytes it came as; as JSON where it is one of a batch. */
  source(): Uint8Array;
  isOfBatch: boolean;
}

export type Decoded = { parts: Part[] } | { unreadable: string };

/** Root members under which senders put several reports at once. docs/formats.md §6, row 0. */
const listMembers = ["events", "data", "records"];

/**
 * Reads the values of a body, whatever their wrapping.
 *
 * @example
 * decode(new Body('{"events":[{"identity_id":"1"}]}'), { "content-type": "application/json" });
 */
export function decode(body: Body, headers: Readonly<Record<string, string>>): Decoded {
  const read = readBody(body, headers);
  if (Array.isArray(read)) return batchOf(read.map(lineOf));
  if ("unreadable" in read) return read;
  const { value, flags } = nestedParsed(read);
  const list = listOf(value);
  if (list === null) return { parts: [{ read: { value, flags }, source: () => body.bytes, isOfBatch: false }] };
  return batchOf(list.map((item) => itemOf(item, flags)));
}

function readBody(body: Body, headers: Readonly<Record<string, string>>): Read | Line[] {
  const charset = declaredCharset(headers["content-type"] ?? "");
  if (body.text !== null && !body.text.startsWith("--")) return readWhole(textAsIs(body.text), charset);
  const bytes = unpack(body.bytes, headers["content-encoding"]);
  if (bytes === null) return { unreadable: "unpacks-too-large" };
  const fields = readMultipart(bytes, charset);
  if (typeof fields === "string") return { unreadable: fields };
  if (fields !== null) return readFields(fields);
  const large = mayBeUtf8(bytes, charset) ? readLargeJson(bytes) : null;
  if (large !== null) return large;
  const text = readTextOf(bytes, charset);
  return text === null ? { unreadable: "unknown-charset" } : readWhole(text, charset);
}

/** A text that came as one. Whoever made it of bytes that he could not read left this mark of it. */
function textAsIs(sent: string): ReadText {
  return { text: withoutMark(sent), isGuess: sent.includes("\uFFFD") };
}

function readWhole({ text: sent, isGuess }: ReadText, charset: string): Read | Line[] {
  const text = withoutPadding(sent);
  if (text === "") return { unreadable: "empty-body" };
  const flags = [...(isGuess ? ["charset"] : []), ...(text === sent ? [] : ["tolerant-parse"])];
  const read = readText(text, charset);
  return Array.isArray(read) ? read.map((line) => ({ ...line, read: noted(line.read, flags) })) : noted(read, flags);
}

/** What was read, with flags besides those it has. */
function noted(read: Read, flags: readonly string[]): Read {
  if ("unreadable" in read || flags.length === 0) return read;
  return { value: read.value, flags: [...new Set([...flags, ...read.flags])] };
}

function listOf(value: Json): Json[] | null {
  if (Array.isArray(value)) return value;
  if (!isObject(value) || "identity_id" in value) return null;
  for (const member of listMembers) {
    const list = value[member];
    if (Array.isArray(list)) return list;
  }
  return null;
}

function batchOf(parts: Part[]): Decoded {
  if (parts.length === 0) return { unreadable: "empty-list" };
  return parts.length > maxReports ? { unreadable: "too-many-reports" } : { parts };
}

function lineOf({ text, read }: Line): Part {
  return {
    read: "value" in read ? nestedParsed(read) : read,
    source: () => Buffer.from(text),
    isOfBatch: true,
  };
}

/** A key occurs twice, but not in which report of the batch is known: so every report is flagged. */
function itemOf(item: Json, flags: readonly string[]): Part {
  const whole = typeof item === "string" ? readStructure(item) : null;
  const read = nestedParsed({ value: whole?.value ?? item, flags: [...new Set([...flags, ...(whole?.flags ?? [])])] });
  return { read, source: () => Buffer.from(JSON.stringify(item)), isOfBatch: true };
}

type Readable = Extract<Read, { value: Json }>;

function nestedParsed(read: Readable): Readable {
  const inner = isObject(read.value) ? parseNested(read.value) : [];
  return inner.length === 0 ? read : { value: read.value, flags: [...new Set([...read.flags, ...inner])] };
}
