import { isBlank } from "../../blanks.ts";
import type { JsonObject } from "../../json.ts";
import { set } from "../../paths.ts";
import { terminalPictures } from "../../terminal.ts";
import { ofTable, photoTable, userTable } from "./zkteco.ts";

/** Most lines of one body. docs/architecture.md#limits. */
const maxLines = 10_000;

/** Members of one line: a terminal sends a dozen. */
const maxMembers = 64;

/** Bytes of the lines before a photo. */
const maxHeadBytes = 4096;

/** The line that names a photo by its time and, if the person was recognised, the id. */
const photoName = /^PIN=(\d{14})(?:-(.{1,64}?))?(?:\.\w{1,5})?$/i;

/** Tables whose lines are records of passings. */
const positions = ["pin", "time", "status", "verify", "workcode", "", "", "mask", "temperature"];

/**
 * The values in a body of `/iclock/cdata`: one for each line, or for a photo. A line about a user gives the number and the
 * name alone, one with a template its first word: nothing else of it is kept. Null if it has too many lines.
 *
 * @param table as the address names it, in any case
 * @param serial of the terminal
 */
export function readTable(bytes: Buffer, { table, serial }: { table: string; serial: string }): JsonObject[] | null {
  const name = table.toUpperCase();
  const of = (named: string, members: JsonObject) => ({ [ofTable]: named, SN: serial, ...members });
  if (name === photoTable || bytes.includes("CMD=uploadphoto") || bytes.includes("CMD=realupload")) {
    const photo = photoIn(bytes);
    if (photo !== null) return [of(photoTable, photo)];
  }
  const lines = textsIn(bytes);
  if (lines === null) return null;
  // An empty body only shows that the terminal is there.
  if (lines.length === 0) return [of("OPTIONS", {})];
  if (name === "ATTLOG" || name === "RTLOG") return lines.map((line) => of(name, membersOf(line)));
  return lines.map((line) => {
    const word = name === "OPERLOG" ? wordOf(line) : name;
    return of(word, word === userTable ? userOf(line) : {});
  });
}

/** Characters of the longest number and name of a user: a terminal has 24 of each. */
const maxUserText = 64;

/** `USER PIN=42⇥Name=…⇥Passwd=…`: its password and card are left out. */
function userOf(line: string): JsonObject {
  const members = named(line.replace(/^USER\s+/, "").split("\t", maxMembers));
  const text = (name: string) =>
    String(members[name] ?? "")
      .trim()
      .slice(0, maxUserText);
  return { pin: text("pin"), name: text("name") };
}

/** The first word of a line, as `USER`. */
function wordOf(line: string): string {
  return /^[A-Z_]{1,16}/.exec(line)?.[0] ?? "OPLOG";
}

/** The number of values that `readTable` makes of lines; 0 if it takes none of them, because there are too many. */
export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (const _ of linesIn(bytes)) if (++lines > maxLines) return 0;
  return Math.max(lines, 1);
}

function textsIn(bytes: Buffer): string[] | null {
  const texts: string[] = [];
  let lines = 0;
  for (const line of linesIn(bytes)) {
    if (++lines > maxLines) return null;
    const text = textOf(line).trimEnd();
    if (text !== "") texts.push(text);
  }
  return texts;
}

/** The lines that are not blank. Blank ones are skipped in the bytes: a hostile body has millions. */
function* linesIn(bytes: Buffer): Generator<Buffer> {
  for (let from = nextLine(bytes, 0); from < bytes.length; ) {
    const newline = bytes.indexOf(lineEnd, from);
    const end = newline < 0 ? bytes.length : newline;
    yield bytes.subarray(from, end);
    from = nextLine(bytes, end + 1);
  }
}

const lineEnd = 0x0a;

/** The beginning of the next line with more than blanks; the length of the bytes if there is none. */
function nextLine(bytes: Buffer, from: number): number {
  let begin = from;
  for (let at = from; at < bytes.length; at++) {
    const byte = Number(bytes[at]);
    if (byte === lineEnd) begin = at + 1;
    else if (byte > lastBlank || !isBlank(byte)) return begin;
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
    if (end > 0) set(members, nameOf(part.slice(0, end).toLowerCase()), part.slice(end + 1));
  }
  return members;
}

/** The name under which the dialect reads a member. */
function nameOf(sent: string): string {
  return sent === "verifytype" || sent === "verified" ? "verify" : sent;
}

function placed(parts: readonly string[]): JsonObject {
  const members: JsonObject = {};
  for (const [at, part] of parts.entries()) {
    const name = positions[at];
    if (name !== undefined && name !== "" && part !== "") members[name] = part;
  }
  return members;
}

/** `PIN=20261124080118-0042.jpg` and other lines, a NUL, and a picture. Null if it is none. */
function photoIn(bytes: Buffer): JsonObject | null {
  const end = bytes.subarray(0, maxHeadBytes).indexOf(0);
  if (end < 0) return null;
  const lines = bytes.toString("utf8", 0, end).split(/[\r\n]/);
  const name = lines.map((line) => photoName.exec(line.trim())).find((found) => found !== null);
  if (name === undefined) return null;
  const [, time = "", pin] = name;
  const face = bytes.toString("base64", end + 1);
  return { time, ...(pin === undefined ? {} : { pin }), [terminalPictures]: { face } };
}
