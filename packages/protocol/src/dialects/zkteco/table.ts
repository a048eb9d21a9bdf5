import { isBlank } from "../../blanks.ts";
import { type JsonObject, omitAbsent } from "../../json.ts";
import { set } from "../../paths.ts";
import { terminalPictures, withoutTemplates } from "../../terminal.ts";
import { isSignTable, ofTable, photoTable, userTable } from "./zkteco.ts";

/** Most lines of one body. docs/architecture.md#limits. */
const maxLines = 10_000;

/** Members of one line: a terminal sends a dozen. */
const maxMembers = 64;

/** Bytes of the lines before a photo. */
const maxHeadBytes = 4096;

/** The member that names a photo by its time and, if the person was recognised, the id. */
const photoName = /^PIN=(\d{14})(?:-([^=]{1,64}?))?(?:\.\w{1,5})?$/i;

/** Tables whose lines are records of passings. */
const positions = ["pin", "time", "status", "verify", "workcode", "", "", "mask", "temperature"];

/** The commands that are sent with a photo. Some terminals name no table. */
const photoCommands = ["CMD=uploadphoto", "CMD=realupload"];

/** Tables in whose lines the first word says what it is. */
const mixed = new Set(["OPERLOG", "TABLEDATA"]);

/** The table of passings at a door, whose older ones are sent as a mixed table. */
const [ofDoors, ofOlder] = ["RTLOG", "TRANSACTION"];

/**
 * The values in a body of `/iclock/cdata`: one for each line, or for a photo. A line about a user gives the number and the
 * name alone, one with a template its first word: nothing else of it is kept. A line of an unknown table is kept.
 *
 * @param table as the address names it, in any case
 * @param tableName the one among several; `-` if the address does not name it
 * @param serial of the terminal; `-` if it sends none
 */
export function readTable(
  bytes: Buffer,
  { table, tableName, serial }: { table: string; tableName: string; serial: string },
): JsonObject[] | { unreadable: string } {
  const name = table.toUpperCase();
  const from = serial === "-" ? {} : { SN: serial };
  const rowOf = (named: string, members: JsonObject) => ({ ...members, [ofTable]: named, ...from });
  // An empty body only shows that the terminal is there.
  if (nextLine(bytes, 0) === bytes.length) return [rowOf("OPTIONS", {})];
  if (name === photoTable || (name === "-" && photoCommands.some((command) => bytes.includes(command)))) {
    const photo = photoIn(bytes);
    return photo === null ? { unreadable: "unknown-shape" } : [rowOf(photoTable, photo)];
  }
  const lines = textsIn(bytes);
  if (lines === null) return { unreadable: "too-many-reports" };
  return lines.map((line) => {
    const among = tableName === "-" ? (/^\w{1,16}(?=\s)/.exec(line)?.[0] ?? name) : tableName;
    const word = mixed.has(name) ? among.toUpperCase() : name;
    const rest = withoutWord(line, word);
    if (word === ofOlder) return rowOf(ofDoors, membersOf(rest));
    if (word === "ATTLOG" || word === ofDoors) return rowOf(word, membersOf(line));
    if (word === userTable) return rowOf(word, userOf(rest));
    return rowOf(word, isSignTable(word) ? {} : unknownOf(rest));
  });
}

/** A line without the table that is its first word. */
function withoutWord(line: string, word: string): string {
  const isFirst = line.slice(0, word.length).toUpperCase() === word && /\s/.test(line.charAt(word.length));
  return isFirst ? line.slice(word.length).trim() : line;
}

/** Characters of the longest text of an unknown table that is kept: a longer one may be a template or a picture. */
const maxUnknownText = 512;

/** The names of templates in tables. */
const ofTemplates = new Set(["tmp", "content"]);

/** A line of a table that is not known, by the names in it or as it is. */
function unknownOf(line: string): JsonObject {
  const parts = line.split("\t", maxMembers).map((part) => part.trim());
  const members = parts.every((part) => /^\w{1,32}=/.test(part)) ? named(parts) : { line };
  const isKept = ([name, text]: [string, unknown]) => !ofTemplates.has(name) && String(text).length <= maxUnknownText;
  return withoutTemplates(Object.fromEntries(Object.entries(members).filter(isKept)));
}

/** Characters of the longest number and name of a user: a terminal has 24 of each. */
const maxUserText = 64;

/** `PIN=42⇥Name=…⇥Passwd=…`: its password and card are left out. */
function userOf(line: string): JsonObject {
  const members = named(line.split("\t", maxMembers));
  const text = (name: string) =>
    String(members[name] ?? "")
      .trim()
      .slice(0, maxUserText);
  return { pin: text("pin"), name: text("name") };
}

/** Bytes whose lines are counted: far more than are read at once. */
const maxCounted = 4 * 1024 * 1024;

/** The number of lines that are not blank. */
export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (const _ of linesIn(bytes.subarray(0, maxCounted))) lines += 1;
  return lines;
}

/** A long table from a byte on, in pieces of so many lines. `to` is the byte behind a piece. */
export function* piecesOfTable(
  bytes: Buffer,
  begin = 0,
  lines = maxLines,
): Generator<{ body: Buffer; reports: number; to: number }> {
  let [from, to, reports] = [begin, begin, 0];
  for (const line of linesIn(bytes, begin)) {
    const at = line.byteOffset - bytes.byteOffset;
    if (reports === lines) {
      yield { body: bytes.subarray(from, to), reports, to };
      [from, reports] = [at, 0];
    }
    [to, reports] = [at + line.length, reports + 1];
  }
  if (reports > 0) yield { body: bytes.subarray(from, to), reports, to };
}

function textsIn(bytes: Buffer): string[] | null {
  const texts: string[] = [];
  let lines = 0;
  for (const line of linesIn(bytes)) {
    if (++lines > maxLines) return null;
    // A terminal may leave the end of its buffer in a text.
    texts.push(textOf(line).replaceAll("\0", "").trimEnd());
  }
  return texts;
}

/** The lines that are not blank. Blank ones are skipped in the bytes: a hostile body has millions. */
function* linesIn(bytes: Buffer, begin = 0): Generator<Buffer> {
  const ends = lineEnds.map((byte) => ({ byte, at: -1 }));
  for (let from = nextLine(bytes, begin); from < bytes.length; ) {
    // Each end is looked for again only behind the last one: else a body without it would be read once a line.
    for (const end of ends) {
      if (end.at >= from) continue;
      const found = bytes.indexOf(end.byte, from);
      end.at = found < 0 ? bytes.length : found;
    }
    const end = Math.min(...ends.map(({ at }) => at));
    yield bytes.subarray(from, end);
    from = nextLine(bytes, end + 1);
  }
}

/** LF and CR, each of which ends a line, also alone. */
const lineEnds: readonly number[] = [0x0a, 0x0d];

/** The beginning of the next line with more than blanks; the length of the bytes if there is none. */
function nextLine(bytes: Buffer, from: number): number {
  let begin = from;
  for (let at = from; at < bytes.length; at++) {
    const byte = Number(bytes[at]);
    if (lineEnds.includes(byte)) begin = at + 1;
    else if (byte > lastBlank || !(byte === 0 || isBlank(byte))) return begin;
  }
  return bytes.length;
}

/** Greater bytes are no blanks: some of them are parts of characters. */
const lastBlank = 0x20;

/** Terminals write names in UTF-8 or, made for China, in GB 2312, of which GB 18030 is the larger set. */
const [utf8, gb18030] = [new TextDecoder("utf-8", { fatal: true }), new TextDecoder("gb18030")];

function textOf(line: Buffer): string {
  try {
    return utf8.decode(line);
  } catch {
    return gb18030.decode(line);
  }
}

/** `time=…⇥pin=…`, or the values alone in a fixed order. A line without a time stays a text. */
function membersOf(line: string): JsonObject {
  const parts = line.split("\t", maxMembers).map((part) => part.trim());
  const members = parts.some((part) => /^\w{1,32}=/.test(part)) ? named(parts) : placed(parts);
  return /^\d{4}/.test(String(members["time"] ?? "")) ? members : { line };
}

function named(parts: readonly string[]): JsonObject {
  const members: JsonObject = {};
  for (const part of parts) {
    const end = part.indexOf("=");
    if (end > 0) set(members, nameIn(part.slice(0, end)), part.slice(end + 1));
  }
  return members;
}

/** The names under which the dialect reads some members. */
const renamed = new Map([
  ["verifytype", "verify"],
  ["verified", "verify"],
  ["maskflag", "mask"],
]);

function nameIn(sent: string): string {
  const name = sent.toLowerCase();
  return renamed.get(name) ?? name;
}

function placed(parts: readonly string[]): JsonObject {
  const members: JsonObject = {};
  for (const [at, part] of parts.entries()) {
    const name = positions[at];
    if (name !== undefined && name !== "" && part !== "") members[name] = part;
  }
  return members;
}

/** The first bytes of a JPEG. No text of a terminal has them. */
const jpeg = Buffer.from([0xff, 0xd8, 0xff]);

/** The beginning of a JPEG in base64, behind a NUL or a line. */
const jpegText = /[\0\n]\/9j\//;

/** `PIN=20261124080118-0042.jpg` and other members, by lines or tabs, a NUL, and a picture, also in base64. Null if it is none. */
function photoIn(bytes: Buffer): JsonObject | null {
  const head = bytes.subarray(0, maxHeadBytes);
  const [binary, text, end] = [head.indexOf(jpeg), head.toString("latin1").search(jpegText), head.indexOf(0)];
  const isText = binary < 0 && text >= 0;
  const from = isText ? text + 1 : binary < 0 ? end + 1 : binary;
  const members = bytes.toString("utf8", 0, from).split(/\p{Cc}/u);
  const name = members.map((member) => photoName.exec(member.trim())).find((found) => found !== null);
  if (name === undefined) return null;
  const [, time = "", pin] = name;
  const face = isText ? bytes.toString("latin1", from).replaceAll(/[\0\r\n]/g, "") : bytes.toString("base64", from);
  return { time, ...omitAbsent({ pin }), [terminalPictures]: { face } };
}
