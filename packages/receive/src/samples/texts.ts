import { endOfString } from "@gatepost/core/json";
import { tokenAt } from "../decode/tolerant.ts";
import { type BodyPiece, escapedSegments, plainSegment, type Segment, value } from "./pieces.ts";

/** The pieces of a value: the value itself, or those of the body in it. */
type ReadValue = (segments: readonly Segment[], name: string) => BodyPiece[];

/** The pieces of JSON, or of text that is nearly JSON: everything that no colon follows is a value. */
export function jsonPieces(text: string, read: ReadValue): BodyPiece[] {
  const reading = new JsonReading(text, read);
  while (reading.at < text.length) reading.next();
  return reading.pieces;
}

class JsonReading {
  at = 0;
  readonly pieces: BodyPiece[] = [];
  readonly #text: string;
  readonly #read: ReadValue;
  readonly #around: string[] = [];
  #name = "";

  constructor(text: string, read: ReadValue) {
    this.#text = text;
    this.#read = read;
  }

  next(): void {
    const token = tokenAt(this.#text, this.at);
    const from = this.at;
    this.at = token?.end ?? this.#text.length;
    const raw = this.#text.slice(from, this.at);
    if (token?.kind === "open") this.#around.push(this.#name);
    if (token?.kind === "close") this.#name = this.#around.pop() ?? "";
    if (token?.kind === "quote") this.#quoted(raw);
    else if (token?.kind === "word") this.#word(raw);
    else this.pieces.push(token === null || isComment(raw) ? value(raw, "", "unread") : raw);
  }

  #quoted(opening: string): void {
    const end = endOfString(this.#text, this.at, opening.slice(-1));
    const content = this.#text.slice(this.at, end < 0 ? undefined : end);
    this.at = end < 0 ? this.#text.length : end + 1;
    const segments = escapedSegments(content, escapes, escaped);
    const isName = this.#isBeforeColon();
    if (isName) this.#name = segments.map(({ text }) => text).join("");
    const inner = isName ? namePieces(content) : this.#read(segments, this.#name);
    this.pieces.push(opening, ...inner, end < 0 ? "" : opening.slice(-1));
  }

  #word(raw: string): void {
    const isName = this.#isBeforeColon();
    if (isName) this.#name = raw;
    this.pieces.push(...(isName || constants.test(raw) ? [raw] : numberPieces(raw, this.#name)));
  }

  #isBeforeColon(): boolean {
    let token = tokenAt(this.#text, this.at);
    while (token?.kind === "nothing" && token.end < this.#text.length) token = tokenAt(this.#text, token.end);
    return token?.kind === "colon";
  }
}

const isComment = (raw: string) => /^\s*\//.test(raw);
const constants = /^(?:true|false|null|none|undefined|[-+]?(?:nan|inf|infinity)|…|\.\.\.)$/i;

/** A value without quotes. Signs and letters around a number stay. */
function numberPieces(raw: string, name: string): BodyPiece[] {
  const unsigned = raw.replace(/^[-+]/, "");
  const text = unsigned.replace(/[lL]$/, "");
  return [raw.slice(0, raw.length - unsigned.length), value(text, name, "number"), unsigned.slice(text.length)];
}

/** A name stays, but for long numbers in it: they may be of a person. */
export function namePieces(name: string): BodyPiece[] {
  if (!/\d{4}/.test(name) || /[\\%]/.test(name)) return [name];
  return name.split(/(\d{4,})/).map((part, at) => (at % 2 === 0 ? part : value(part, "")));
}

const escapes = /\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|\r\n|[\s\S])/g;
const controls: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\u0007",
  "0": "\0",
  "\n": "",
  "\r\n": "",
};

function escaped(sent: string): Pick<Segment, "text" | "write"> {
  const [letter, digits] = [sent.charAt(1), sent.slice(2)];
  if (digits === "" || letter === "\r") return { text: controls[sent.slice(1)] ?? letter, write: String };
  const code = Number.parseInt(digits, 16);
  const text = letter === "U" ? String.fromCodePoint(Math.min(code, 0x10ffff)) : String.fromCharCode(code);
  return { text, write: (other) => `\\${letter}${hexOf(other, digits)}` };
}

/** The code of a character in as many digits as before, in the same case. */
function hexOf(character: string, before: string): string {
  const digits = Number(character.codePointAt(0)).toString(16).padStart(before.length, "0");
  return before === before.toUpperCase() ? digits.toUpperCase() : digits;
}

const xmlParts =
  /<!\[CDATA\[(?<section>[\s\S]*?)\]\]>|(?<kept><\?xml .*?\?>|<\/[^>]*>)|(?<other><!--[\s\S]*?-->|<[?!][^>]*>?)|<(?<element>[^\s>/]+)(?<attributes>[^>]*)>|(?<text>[^<]+|<)/gs;

/** Comments, sections and instructions of a text, and elements without an end. Each may be searched for its end. */
const maxOpenings = 200;

function hasFewOpenings(text: string): boolean {
  const count = (sought: string) => text.split(sought).length - 1;
  return count("<!") + count("<?") <= maxOpenings && count("<") - count(">") <= maxOpenings;
}

/** Whether each element of a text is closed. */
export function isXml(text: string): boolean {
  if (!/^\s{0,32}<[?!A-Za-z]/.test(text) || !hasFewOpenings(text)) return false;
  const open: string[] = [];
  for (const { groups = {} } of text.matchAll(xmlParts)) {
    const { element, kept = "", attributes = "" }: Groups = groups;
    if (element !== undefined && !attributes.endsWith("/")) open.push(element);
    if (kept.startsWith("</") && open.pop() !== kept.slice(2, -1).trim()) return false;
  }
  return open.length === 0;
}

/** The pieces of XML: the names of elements and attributes stay. */
export function xmlPieces(text: string, read: ReadValue): BodyPiece[] {
  let name = "";
  return Array.from(text.matchAll(xmlParts), ({ 0: raw, groups = {} }): BodyPiece[] => {
    const { section, kept, other, element, attributes = "" }: Groups = groups;
    if (kept !== undefined) name = "";
    if (element !== undefined) name = element.replace(/^.*:/, "");
    if (section !== undefined) return ["<![CDATA[", ...read([plainSegment(section)], name), "]]>"];
    if (element !== undefined) return [`<${element}`, ...attributePieces(attributes), ">"];
    if (other !== undefined) return [value(raw, "", "unread")];
    const inner = kept === undefined ? raw.trim() : "";
    const from = raw.indexOf(inner);
    if (inner === "") return [raw];
    return [
      raw.slice(0, from),
      ...read(escapedSegments(inner, entities, entity), name),
      raw.slice(from + inner.length),
    ];
  }).flat();
}

type Groups = Readonly<Record<string, string | undefined>>;

/** Attributes: the names of schemas and versions stay. */
function attributePieces(attributes: string): BodyPiece[] {
  return attributes.split(/([\w:.-]{1,64}\s{0,9}=\s{0,9}(?:"[^"]*"|'[^']*'))/).flatMap((part, at): BodyPiece[] => {
    if (at % 2 === 0 || /^(?:xmlns|version|encoding)\b/.test(part)) return [part];
    const from = part.search(/["']/) + 1;
    return [part.slice(0, from), value(part.slice(from, -1), ""), part.slice(-1)];
  });
}

const entities = /&(?:#\d{1,7}|#x[\da-f]{1,6}|\w{2,4});/gi;
const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function entity(sent: string): Pick<Segment, "text" | "write"> {
  const word = sent.slice(1, -1);
  const isHex = /^#x/i.test(word);
  const code = word.startsWith("#") ? Number(isHex ? `0${word.slice(1)}` : word.slice(1)) : 0;
  if (!(code > 0 && code <= 0x10ffff)) return { text: named[word] ?? sent, write: String };
  const write = (other: string) => `&#${isHex ? "x" : ""}${Number(other.codePointAt(0)).toString(isHex ? 16 : 10)};`;
  return { text: String.fromCodePoint(code), write };
}

/** The columns of a terminal's records of passings that have no names. */
const positions = ["pin", "time", "status", "verify"];

/** The cells of a terminal's lines: `name=value`, or values in a fixed order. */
export function linePieces(text: string, read: ReadValue): BodyPiece[] {
  return text.split(/(?<=[\n\0])/).flatMap((line) => {
    let index = -1;
    return line.split(/([\t\r\n\0]+|^[A-Za-z_]{1,16} )/).flatMap((cell, at): BodyPiece[] => {
      if (at % 2 === 1 || cell === "") return [cell];
      index += 1;
      const [all = "", name = positions[index] ?? ""] = /^\s*(\w{1,32})=/.exec(cell) ?? [];
      return [all, ...read([plainSegment(cell.slice(all.length))], name)];
    });
  });
}

/** A line between the parts of a form. The name of a header stays. */
export function headerPieces(line: string): BodyPiece[] {
  const [all, name = "", text = ""] = /^([\w-]+):[ \t]*(.*\S)?/.exec(line) ?? [];
  if (all === undefined) return [value(line, "")];
  return [all.slice(0, all.length - text.length), ...headerValue(name, text), line.slice(all.length)];
}

/** Headers whose first word is the name of a format. */
const ofFormats = /^content-(?:type|disposition|transfer-encoding|encoding|length)$/i;

/** The value of a header: a format, a charset and the name of a field stay. */
export function headerValue(name: string, text: string): BodyPiece[] {
  if (!ofFormats.test(name)) return [value(text, "")];
  return text.split(/(;\s*)/).flatMap((part, at): BodyPiece[] => {
    const [before = "", key = ""] = /^\s*([\w*-]+)="?/.exec(part) ?? [];
    if (at % 2 === 1 || at === 0 || /^(?:charset|type|name)$/i.test(key)) return [part];
    const inner = part.slice(before.length).replace(/"$/, "");
    return [before, value(inner, ""), part.slice(before.length + inner.length)];
  });
}
