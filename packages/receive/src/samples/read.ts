import { GatepostError } from "@gatepost/core/errors";
import { mayHoldEvent, payloadForm, personNames, timeNames } from "@gatepost/protocol";
import { type PartField, readMultipart, readUrlencoded } from "../decode/form.ts";
import { type Line, readStrict } from "../decode/json.ts";
import { BodyReading, readableLevels, readWithin } from "../decode/limits.ts";
import { isPicture } from "../decode/part-pictures.ts";
import { readText } from "../decode/read.ts";
import { readStructure } from "../decode/structure.ts";
import { declaredCharset, readTextOf, withoutPadding } from "../decode/text.ts";
import { type Coding, readCoded } from "./coding.ts";
import { type BodyPiece, Collision, encoded, escapedSegments, plainSegment, type Segment, value } from "./pieces.ts";
import { headerPieces, isXml, jsonPieces, linePieces, namePieces, xmlPieces } from "./texts.ts";

/** Characters of a body beside its pictures, in all layers of encoding together. */
const maxText = 512 * 1024;

/** Values of a body. With more, choosing all stand-ins up to 32 times would take the server for long. */
export const maxSampleValues = 4000;

export function tooManyValues(): GatepostError {
  return tooMuch(`it has over ${maxSampleValues} values; take a report with fewer`);
}

/** Encodings within each other that are read. */
const maxLevels = 6;

/** A run of base64 that is so long is no text that is read. */
const longRun = /[\w+/=\\-]{1024,}/g;

/** No sample can be made of a report. */
export function tooMuch(why: string): GatepostError {
  return new GatepostError("too-large", `no sample can be made of this report: ${why}`);
}

/**
 * Reads a body into its pieces. The readers of reports decide what it is, so that a sample is read as its report; here
 * are only the places of its values.
 */
export class SampleReader {
  /** The charsets of the body. A stand-in must be in all of them. */
  readonly codings = new Set<Coding>();
  /** The names of the parts of forms, by which other parts refer to them. */
  readonly partNames = new Set<string>();
  readonly #charset: string;
  #room = maxText;
  #valuesLeft = maxSampleValues;

  constructor(contentType: string) {
    this.#charset = declaredCharset(contentType);
  }

  /** The pieces of a body, one character for each byte. Throws `too-large`. */
  body(bytes: Buffer): BodyPiece[] {
    return this.#form(bytes, 0) ?? this.#coded(bytes, this.#charset, (text) => this.#structured(text, 0));
  }

  /** The pieces of a table of a terminal of ZKTeco. */
  table(bytes: Buffer): BodyPiece[] {
    const [binary, text] = [bytes.indexOf(jpeg), bytes.toString("latin1").search(jpegText)];
    const from = binary >= 0 ? binary : text >= 0 ? text + 1 : bytes.length;
    const head = bytes.subarray(0, from);
    const lines = this.#coded(head, "", (inner) =>
      linePieces(inner, (segments, name) => this.#unreadValue(segments, name)),
    );
    return [...lines, picture(bytes.subarray(from), binary >= 0 ? "bytes" : "text")];
  }

  #unreadValue(segments: readonly Segment[], name: string): BodyPiece[] {
    this.#takeValue();
    return encoded([value(segments.map(({ text }) => text).join(""), name)], segments);
  }

  /** Pieces of text in a charset. Bytes in no charset, and text that cannot be read, are one value. */
  #coded(bytes: Buffer, charset: string, read: (text: string) => BodyPiece[] | null): BodyPiece[] {
    const coded = readCoded(bytes, charset);
    if (coded === null) return [{ pieces: [picture(bytes, "bytes")], write: (other) => alike(other, bytes, charset) }];
    const { text, coding } = coded;
    this.codings.add(coding);
    this.#take(text);
    const pieces = read(text);
    const write = (other: string) => {
      // By chance, a text that cannot be read may become one that can.
      if (pieces === null && !("unreadable" in readText(withoutPadding(other), this.#charset))) throw new Collision();
      return written(other, coding, charset).toString("latin1");
    };
    return [{ pieces: pieces ?? [value(text, "", "unread")], write }];
  }

  #take(text: string): void {
    this.#room -= text.length;
    if (this.#room < 0) for (const [run] of text.matchAll(longRun)) this.#room += run.length;
    if (this.#room < 0) throw tooMuch("it has over 512 KB beside its pictures");
  }

  /** Reads a text. Throws TooMany, before anything is parsed, if it has too many values. */
  #readFew(text: string) {
    return readWithin(new BodyReading({ maxValues: maxSampleValues }), () => readText(text, this.#charset));
  }

  #takeValue(): void {
    this.#valuesLeft -= 1;
    if (this.#valuesLeft < 0) throw tooManyValues();
  }

  /** The pieces of a text that is JSON, nearly JSON, XML or a form; null if it is none. */
  #structured(sent: string, level: number): BodyPiece[] | null {
    const text = withoutPadding(sent);
    const from = sent.indexOf(text);
    const inner = this.#unpadded(text, level);
    return inner && [sent.slice(0, from), ...inner, sent.slice(from + text.length)];
  }

  #unpadded(text: string, level: number): BodyPiece[] | null {
    const within = (segments: readonly Segment[], name: string) => this.#value(segments, name, level);
    if (isXml(text)) return xmlPieces(text, within);
    const read = this.#readFew(text);
    if (Array.isArray(read)) return this.#lines(text, read, level);
    if ("unreadable" in read) return null;
    if (!("value" in readStrict(text)) && readUrlencoded(text, this.#charset) !== null) return this.#pairs(text, level);
    const { rest = "" } = read;
    const pieces = jsonPieces(text.slice(0, text.length - rest.length), within);
    return rest === "" ? pieces : [...pieces, value(rest, "", "unread")];
  }

  #lines(text: string, lines: readonly Line[], level: number): BodyPiece[] {
    let at = 0;
    const pieces = lines.flatMap(({ text: line, read }): BodyPiece[] => {
      const [from, before] = [text.indexOf(line, at), at];
      at = from + line.length;
      const isRead = "value" in read;
      const inner = isRead ? jsonPieces(line, (...of) => this.#value(...of, level)) : [value(line, "", "unread")];
      return [text.slice(before, from), ...inner];
    });
    return [...pieces, text.slice(at)];
  }

  /** A value, or the pieces of the body in it. */
  #value(segments: readonly Segment[], name: string, level: number): BodyPiece[] {
    this.#takeValue();
    const text = segments.map((segment) => segment.text).join("");
    return encoded(this.#within(text, level + 1) ?? unreadPieces(text, name), segments);
  }

  /** The pieces of a text that contains a body itself; null if it contains none. */
  #within(text: string, level: number): BodyPiece[] | null {
    if (level > maxLevels || isPicture(text)) return null;
    const form = payloadForm(text);
    const begun = /^\s*[{[<]/.exec(text.slice(0, 32))?.[0].trim();
    if (form === null && begun === undefined) return null;
    this.#take(text);
    if (form === "base64") return this.#base64(text, level);
    if (begun === "<") return this.#structured(text, level);
    // Also one that is nested too deep to be read as a report keeps its names.
    const isStructure = begun !== undefined && readStructure(text, readableLevels) !== null;
    if (isStructure) return jsonPieces(text, (...of) => this.#value(...of, level));
    // Any text may begin as a form, so only one with a report is read.
    if (form === null || !mayHoldEvent(text)) return null;
    const multipart = this.#form(Buffer.from(text), level);
    if (multipart === null) return this.#structured(text, level);
    return [{ pieces: multipart, write: (bytes) => Buffer.from(bytes, "latin1").toString() }];
  }

  #base64(text: string, level: number): BodyPiece[] | null {
    const bytes = Buffer.from(text, "base64");
    if (bytes.toString("base64") !== text) return null;
    const pieces = this.#form(bytes, level) ?? this.#coded(bytes, "", (inner) => this.#structured(inner, level));
    return [{ pieces, write: (other) => Buffer.from(other, "latin1").toString("base64") }];
  }

  /** The fields of an urlencoded form. The report may be the name of the only one; a word with brackets is a name. */
  #pairs(text: string, level: number): BodyPiece[] {
    return text.split("&").flatMap((pair, index): BodyPiece[] => {
      const end = pair.indexOf("=");
      const [rawName, rawText] = end < 0 ? [pair, ""] : [pair.slice(0, end), pair.slice(end + 1)];
      const [name, content] = [this.#percents(rawName), this.#percents(rawText)];
      const named = name.map((segment) => segment.text).join("");
      const isReport = /^\s*(?:[{"<]|\[(?![\w.[\]-]{0,64}$))/.test(named);
      return [
        index === 0 ? "" : "&",
        ...(isReport ? this.#value(name, "", level) : namePieces(rawName)),
        end < 0 ? "" : "=",
        ...this.#value(content, lastOf(named), level),
      ];
    });
  }

  #percents(raw: string): Segment[] {
    return escapedSegments(raw, /(?:%[0-9a-fA-F]{2})+|%(?:[0-9a-fA-F]?[0-9A-Za-z])?|\+/g, (sent) => {
      if (sent === "+") return { text: " ", write: String };
      // Letters and digits behind a percent sign stay, because others could make an escape.
      if (!/^%[0-9a-f]{2}/i.test(sent)) return { text: "", write: String };
      const bytes = Buffer.from(sent.replaceAll("%", ""), "hex");
      const coded = readCoded(bytes, this.#charset);
      if (coded !== null) this.codings.add(coded.coding);
      const write = (other: string) => {
        const hex = (coded?.coding.write(other) ?? Buffer.from(other, "latin1")).toString("hex");
        return (sent === sent.toUpperCase() ? hex.toUpperCase() : hex).replaceAll(/../g, "%$&");
      };
      return { text: coded?.text ?? bytes.toString("latin1"), write };
    });
  }

  /** The pieces of a multipart form; null if it is none. */
  #form(bytes: Buffer, level: number): BodyPiece[] | null {
    const form = readMultipart(bytes, this.#charset);
    if (form === null || typeof form === "string") return null;
    let at = 0;
    const pieces = form.fields.flatMap((field): BodyPiece[] => {
      this.partNames.add(field[0]);
      const { content } = field[3];
      const from = content.byteOffset - bytes.byteOffset;
      const head = bytes.subarray(at, from);
      at = from + content.length;
      return [...this.#heads(head), ...this.#part(field, head, level)];
    });
    return [...pieces, ...this.#heads(bytes.subarray(at))];
  }

  #part([name, text, , { content, isBinary }]: PartField, head: Buffer, level: number): BodyPiece[] {
    if (isBinary || isPicture(text)) return [picture(content, isBinary ? "bytes" : "text")];
    const own = /^content-type:.*$/im.exec(head.toString("latin1"))?.[0] ?? "";
    const charset = declaredCharset(own) || this.#charset;
    return this.#coded(content, charset, (inner) => this.#value([plainSegment(inner)], lastOf(name), level));
  }

  #heads(bytes: Buffer): BodyPiece[] {
    return this.#coded(bytes, this.#charset, (text) => text.split(/(?<=\n)/).flatMap(headerPieces));
  }
}

/** The bytes of a text. Throws Collision if they would be read in another charset. */
function written(text: string, coding: Coding, declared: string): Buffer {
  const bytes = coding.write(text);
  if (bytes === null || readCoded(bytes, declared)?.coding !== coding) throw new Collision();
  return bytes;
}

/** Bytes that are text only if other ones are. Throws Collision if not. */
function alike(sent: string, bytes: Buffer, declared: string): string {
  const isText = (some: Buffer) => readTextOf(some, declared) !== null;
  if (isText(Buffer.from(sent, "latin1")) !== isText(bytes)) throw new Collision();
  return sent;
}

const jpeg = Buffer.from([0xff, 0xd8, 0xff]);
const jpegText = /[\0\n]\/9j\//;

const nameInEvent = new RegExp(`(${[...timeNames, ...personNames].join("|")})`);

/** The pieces of a text that cannot be read. The names that make it look like an event stay. */
function unreadPieces(text: string, name: string): BodyPiece[] {
  if (!(text.includes("{") && mayHoldEvent(text))) return [value(text, name)];
  return text.split(nameInEvent).map((part, at) => (at % 2 === 1 ? part : value(part, "")));
}

function picture(bytes: Buffer, kind: "text" | "bytes"): BodyPiece {
  return value(bytes.toString("latin1"), "", kind);
}

/** The last part of the name of a field, as `person_type` of `ext_data[person_type]`. */
const lastOf = (name: string) => name.split(/[[\].]+/).findLast((part) => part !== "") ?? "";
