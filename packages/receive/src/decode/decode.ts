import { type GivenReader, isEvent, isObject, type Json, type JsonObject, type Make } from "@gatepost/protocol";
import type { Body } from "./body.ts";
import { formOf, type LeftPart } from "./form.ts";
import type { Line, Read, Readable } from "./json.ts";
import { BodyReading, bodyReading, type ReadingLimits, readWithin, TooMany } from "./limits.ts";
import type { CutPictures } from "./pictures.ts";
import { type Cuttable, noted, parseNested, readBody } from "./read.ts";
import type { TerminalForms } from "./terminal-forms.ts";
import { declaredCharset, mayBeSpoilt } from "./text.ts";
import { type Found, unwrap } from "./unwrap.ts";

/** One value of a body, or of a batch in it. Its source is kept if the value cannot be understood. */
export interface Part {
  read: Read;
  /** The maker of the terminal that it is from; absent if it is from none. */
  make?: Make;
  /** Why the source is also kept: a part of the body was not read, or names may be damaged. */
  keep?: "unwrapped" | "trailing" | "charset" | "duplicate-keys" | "part";
  /** The parts of its form that are not in the value, if the source has some. */
  left?: LeftPart[];
  /** The texts in the value that are files of its form: those that its event cannot hold are kept. */
  files?: Readable["files"];
  /** The rest of the message in which the report was found. Its event keeps it. */
  envelope?: JsonObject;
  /** The bytes of this part as received; JSON if it is one of a batch. */
  source(): Uint8Array;
  isOfBatch: boolean;
  /** The pictures of the body, if marks replace them in the value. */
  cut?: CutPictures;
  /** The reader of its mapping, if its shape is not known. Null if no mapping fits. */
  reader?: GivenReader | null;
  /** The body in a list of which a mapping has found it. */
  around?: JsonObject;
}

/** The values of a body. `keep` says why the body is also kept as a whole: something in it is in none of its parts. */
export interface Parts {
  parts: Part[];
  keep?: BodyReading["keep"];
}

export type Decoded = Parts | { unreadable: string };

/**
 * Reads the values of a body, in any wrapping. Throws TooTolerant if more characters of it than may be are only nearly
 * JSON.
 *
 * @example
 * decode(new Body('{"events":[{"identity_id":"1"}]}'), { "content-type": "application/json" });
 */
export function decode(
  body: Body,
  headers: Readonly<Record<string, string>>,
  { terminals, ...limits }: ReadingLimits & { terminals?: TerminalForms | undefined } = {},
): Decoded {
  try {
    const charset = declaredCharset(headers["content-type"] ?? "");
    const reading = new BodyReading(limits);
    const read = readWithin(reading, () => partsIn(body, charset, terminals));
    const decoded = "parts" in read && reading.keep !== undefined ? keptWhole(read.parts, reading.keep) : read;
    return body.text !== null && mayBeSpoilt(body.text, charset) ? spoilt(decoded) : decoded;
  } catch (error) {
    if (error instanceof TooMany) return { unreadable: error.reason };
    throw error;
  }
}

/** The dropped part of a body is kept with its only report, else with the whole body. */
function keptWhole(parts: Part[], keep: NonNullable<Parts["keep"]>): Parts {
  const [only, ...others] = parts;
  if (only === undefined || only.isOfBatch || others.length > 0) return { parts, keep };
  return { parts: [{ keep, ...only }] };
}

/**
 * A body received as text may have lost characters before. Its reports are flagged and the body is also kept, or it is
 * quarantined for that reason: no other copy of it exists.
 */
function spoilt(decoded: Decoded): Decoded {
  const flagged = (part: Part): Part => ({ keep: "charset", ...part, read: noted(part.read, ["charset"]) });
  if ("parts" in decoded) return { ...decoded, parts: decoded.parts.map(flagged) };
  return ["not-json", "unknown-charset"].includes(decoded.unreadable) ? { unreadable: "charset" } : decoded;
}

/**
 * Nearly every body is one JSON object that is an event. Then `readBody` gives what `readLargeJson` or else `readStrict`
 * reads, `nestedParsed` parses members that are texts, `reportsIn` gives null, and the body is the only part.
 */
function partsIn(body: Body, charset: string, terminals?: TerminalForms): Decoded {
  const read = readBody(body, charset, terminals);
  if (Array.isArray(read)) return batchOf(read.flatMap((line) => lineOf(line, terminals)));
  if ("unreadable" in read) return read;
  const { value, flags } = nestedParsed(read);
  const found = reportsIn(value, terminals);
  if (found !== null && "make" in found) return batchOf([...partsOfTerminal(found, flags, read), ...trailing(read)]);
  const { left, files } = read;
  if (left !== undefined) bodyReading().keep ??= "part";
  // The keys in a packed form are masked only if it is kept unpacked.
  const source = () => (left === undefined && files === undefined ? body.bytes : body.unpacked);
  const whole = { source, isOfBatch: false, ...cutOf(read), ...(left && { left }), ...(files && { files }) };
  const { withAttributes } = read;
  const readable = { value, flags, ...(withAttributes && { withAttributes }) };
  if (found === null) return { parts: [{ read: readable, ...kept(false, read), ...whole }] };
  const [only, ...others] = found;
  if (only?.source() === value && others.length === 0) {
    return { parts: [{ ...partOf(only, flags), ...kept(only.isLossy, read), ...whole }] };
  }
  return batchOf([...found.flatMap((report) => partsOf(report, flags, read, terminals)), ...trailing(read)]);
}

/** The values of a body of a terminal. */
interface OfTerminal {
  make: Make;
  values: readonly JsonObject[];
}

/** The values in a body of a terminal, or the reports in any other one; null if it must be read as it is. */
function reportsIn(value: Json, terminals?: TerminalForms): OfTerminal | Found[] | null {
  // Nearly every body is a report of SophonGate: no terminal is asked about it.
  if (isObject(value) && isEvent(value)) return null;
  return ofTerminalIn(value, terminals) ?? unwrap(value, terminals);
}

function ofTerminalIn(value: Json, terminals?: TerminalForms): OfTerminal | null {
  if (!isObject(value)) return null;
  const make = terminals?.makeOf(value) ?? null;
  return make && { make, values: make.valuesIn(value) };
}

/** A report that was found in a body, or its values if it is a terminal's. */
function partsOf(report: Found, besides: readonly string[], read: Cuttable, terminals?: TerminalForms): Part[] {
  const { make } = report;
  if (make !== undefined) return [{ ...partOf(report, besides, read), make }];
  const found = report.isEvent ? null : ofTerminalIn(report.value, terminals);
  if (found === null) return [partOf(report, besides, read)];
  return partsOfTerminal(found, [...besides, ...report.flags], cutOf(read));
}

/**
 * A report that was found in a body. If one of several reports has a duplicate key, it is unknown which: each is
 * flagged.
 */
function partOf(
  { value, flags, isLossy, envelope, source }: Found,
  besides: readonly string[],
  read: Cuttable = {},
): Part {
  return {
    read: { value, flags: [...new Set([...besides, ...flags])] },
    ...kept(isLossy, {}),
    ...(envelope && { envelope }),
    source: () => Buffer.from(JSON.stringify(read.cut?.restored(source()) ?? source())),
    isOfBatch: true,
    ...cutOf(read),
  };
}

/** A value of a terminal: quarantine keeps it, and never the body, which may have templates. */
function alone(value: JsonObject): Found {
  return { value, flags: [], isLossy: false, source: () => value };
}

/** The values of a terminal. The first one about a passing keeps the other parts of their form. */
export function partsOfTerminal(
  { make, values }: OfTerminal,
  flags: readonly string[] = [],
  read: Pick<Readable, "left"> & Cuttable = {},
): Part[] {
  const { left } = read;
  const first = left && (values.find((value) => make.signOf(value) === null) ?? values[0]);
  return values.map((value) => {
    const part = { ...partOf(alone(value), flags, read), make };
    if (left === undefined || value !== first) return part;
    return { keep: "part", ...part, left, source: () => formOf(value, left) };
  });
}

function cutOf({ cut }: Cuttable): Pick<Part, "cut"> {
  return cut == null ? {} : { cut };
}

function kept(isLossy: boolean, { rest }: { rest?: string }): Pick<Part, "keep"> {
  if (isLossy) return { keep: "unwrapped" };
  return rest === undefined ? {} : { keep: "trailing" };
}

/** Unreadable text after a batch is a separate part. */
function trailing({ rest }: { rest?: string }): Part[] {
  if (rest === undefined) return [];
  return [{ read: { unreadable: "trailing" }, source: () => Buffer.from(rest), isOfBatch: true }];
}

function batchOf(parts: Part[]): Decoded {
  if (parts.length === 0) return { unreadable: "empty-list" };
  bodyReading().checkReports(parts.length);
  return { parts };
}

/** The reports of one line. */
function lineOf({ text, read }: Line, terminals?: TerminalForms): Part[] {
  const source = () => Buffer.from(text);
  if ("unreadable" in read) return [{ read, source, isOfBatch: true }];
  const { value, flags } = nestedParsed(read);
  const found = reportsIn(value, terminals);
  if (found !== null && "make" in found) return partsOfTerminal(found, flags, read);
  if (found === null) return [{ read: { value, flags }, source, isOfBatch: true }];
  return found.flatMap((report) =>
    report.source() === value ? [{ ...partOf(report, flags), source }] : partsOf(report, flags, {}, terminals),
  );
}

function nestedParsed<R extends Readable>(read: R): R {
  const inner = isObject(read.value) ? parseNested(read.value) : [];
  return inner.length === 0 ? read : { ...read, flags: [...new Set([...read.flags, ...inner])] };
}
