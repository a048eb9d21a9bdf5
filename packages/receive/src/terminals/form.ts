import { isObject, type Json, type JsonObject, terminalPictures, withoutTemplates } from "@gatepost/protocol";
import { makeOf, terminalValues } from "@gatepost/protocol/terminals";
import { isBlankText, type LeftPart, leftOf, type PartField } from "../decode/form.ts";
import type { Line, Read, Readable } from "../decode/json.ts";
import { bodyReading } from "../decode/limits.ts";
import { isPicture } from "../decode/part-pictures.ts";
import { readStructure } from "../decode/structure.ts";
import { withoutTemplateText } from "./template-text.ts";
import { xmlIn } from "./xml.ts";

/** Reads XML as an object by the names of its elements; null for any other text. */
export function readOfXml(text: string): Readable | null {
  if (!/^\s{0,32}</.test(text.slice(0, 64))) return null;
  // It takes as long as text that is nearly JSON, and a form may have many parts of it.
  bodyReading().takeTolerant(text.length);
  const read = xmlIn(text);
  return read === undefined ? null : { ...read, flags: [] };
}

/** Characters of a text that may be a report of a terminal. */
const maxReport = 1024 * 1024;

/** Parts of a form that are tried in vain as a report: a terminal sends it as one of the first. */
const maxMisses = 8;

/** Texts of which each report of a terminal has one. */
const ofTerminals = ["eventType", '"Code"', '"Events"', '"DeviceCode"'];

/** The same ones in a wrapping, in which their quotes may be escaped. */
const wrapped = ofTerminals.map((one) => one.replaceAll('"', ""));

export function mayHoldReport(sent: string | Buffer): boolean {
  return wrapped.some((one) => sent.includes(one));
}

/** A report in a part of a form, and the parts with its pictures. */
interface PartReport {
  text: string;
  value: JsonObject;
  flags: readonly string[];
  pictures: PartField[];
}

/**
 * Reads the form of a terminal: a part with the report, in JSON or XML, under any name or none, and parts with pictures.
 * Pictures are of the report before them, and those at the beginning of the first one. A part that may be another report
 * and cannot be read is a line by itself. The other parts are left to the first report about a passing. Null if no part
 * is the report of a terminal.
 */
export function readTerminalForm(fields: readonly PartField[]): Read | Line[] | null {
  const form = new TerminalForm();
  for (const field of fields) form.add(field);
  const lines = form.lines();
  const [first, ...others] = lines;
  if (first === undefined) return null;
  return others.length === 0 ? first.read : lines;
}

class TerminalForm {
  readonly #reports: PartReport[] = [];
  readonly #atBeginning: PartField[] = [];
  readonly #unread: Line[] = [];
  readonly #left: PartField[] = [];
  #misses = 0;

  add(field: PartField): void {
    const [, text] = field;
    if (isPicture(text)) (this.#reports.at(-1)?.pictures ?? this.#atBeginning).push(field);
    else if (ofTerminals.some((one) => text.includes(one))) this.#try(field);
    else if (!isBlankText(text)) this.#left.push(field);
  }

  /** A line for each report, and for each part that may be one; none if there is no report. */
  lines(): Line[] {
    const [first] = this.#reports;
    if (first === undefined) return [];
    first.pictures.unshift(...this.#atBeginning.splice(0));
    const left = this.#left.flatMap(withoutTemplatesIn);
    const keeper = this.#reports.find(isOfPassing) ?? first;
    return [...this.#reports.map((report) => lineOf(report, report === keeper ? left : [])), ...this.#unread];
  }

  #try(field: PartField): void {
    const [, text] = field;
    const report = text.length <= maxReport && this.#misses < maxMisses ? reportIn(field) : null;
    if (report === null) this.#unread.push({ text, read: { unreadable: "not-json" } });
    if (report === "another") this.#left.push(field);
    if (report === null || report === "another") this.#misses += 1;
    else this.#reports.push(report);
  }
}

/** The report in a part; `another` if the part has something else, null if it cannot be read. */
function reportIn([, text, isGuess = false]: PartField): PartReport | "another" | null {
  const structure = readStructure(text);
  const read = structure ?? readOfXml(text);
  if (read === null) return null;
  const { value } = read;
  if (!isObject(value) || terminalValues(value) === null) return structure === null ? null : "another";
  return { text, value, flags: isGuess ? [...read.flags, "charset"] : read.flags, pictures: [] };
}

function isOfPassing({ value }: PartReport): boolean {
  const make = makeOf(value);
  return make?.valuesIn(value).some((one) => make.signOf(one) === null) === true;
}

/** A part without templates and data of identity cards; none if its name says that it is one of these. */
function withoutTemplatesIn(field: PartField): LeftPart[] {
  const [name, text] = field;
  const value = readStructure(text)?.value ?? null;
  const { [name]: kept } = withoutTemplates({ [name]: value });
  if (kept === undefined) return [];
  const json = JSON.stringify(kept);
  const rest = withoutTemplateText(Buffer.from(json === JSON.stringify(value) ? text : json)).toString();
  return [rest === text ? leftOf(field) : { ...leftOf(field), text: rest, isBinary: false }];
}

function lineOf({ text, value, flags, pictures }: PartReport, left: readonly LeftPart[]): Line {
  const whole = pictures.length === 0 ? value : { ...value, [terminalPictures]: picturesOf(pictures) };
  return { text, read: { value: whole, flags, ...(left.length > 0 && { left: [...pictures.map(leftOf), ...left] }) } };
}

/** The pictures in the parts of a form, by their kinds. */
function picturesOf(fields: readonly PartField[]): JsonObject {
  const pictures = new Map<string, Json[]>();
  for (const [name, text, , { fileName }] of fields) {
    // The first picture whose names tell nothing is the face, and the second one the scene.
    const other = pictures.has("face") && !pictures.has("scene") ? "scene" : "face";
    const kind = kindNamed(name) ?? kindNamed(fileName) ?? other;
    const ofKind = pictures.get(kind) ?? [];
    ofKind.push(text);
    pictures.set(kind, ofKind);
  }
  return Object.fromEntries(pictures);
}

function kindNamed(name: string): string | null {
  if (/back|scene|pano|whole/i.test(name)) return "scene";
  if (/lib|regist|base|model/i.test(name)) return "registered";
  return /face/i.test(name) ? "face" : null;
}
