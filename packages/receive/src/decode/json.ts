import { type JsonVisitor, marks, scan, visitJson } from "@gatepost/core/json";
import { countMembers, isWantAction, type Json } from "@gatepost/protocol";
import type { LeftPart } from "./form.ts";
import { bodyReading, readableLevels } from "./limits.ts";
import { skipBlanks } from "./text.ts";

const { comma, colon, openList, openObject, closeList, closeObject } = marks;

/** A value, or the reason why it cannot be read. */
export type Read = Readable | { unreadable: string };

export interface Readable {
  value: Json;
  /** Flags about how the value was read. */
  flags: readonly string[];
  /** Text after the value that cannot be read. */
  rest?: string;
  /** The same value of XML with the attributes of its elements, as `@name`. Present if it may have some. */
  withAttributes?(): Json;
  /** Present if something of a form is not in its value: its parts that are not, and all pictures of a terminal. */
  left?: LeftPart[];
  /** The texts in the value that are files of its form, as pictures in base64. Present if there are some. */
  files?: ReadonlySet<string>;
}

/** One line of a body that has a value on each line, or one part of a form that has several. */
export interface Line {
  text: string;
  read: Read;
}

/** The characters that begin a value. A text that begins with another one, as a form does, is not read. */
const beginnings = new Set('{["-0123456789tfn');

/**
 * Reads JSON. If a key occurs twice in an object, the last one counts, and the value is flagged. Throws TooMany, before
 * anything is parsed, if the body would have too many values.
 */
export function readStrict(text: string, maxLevels: number = readableLevels): Read {
  if (!beginnings.has(text.charAt(skipBlanks(text)))) return { unreadable: "not-json" };
  const reading = bodyReading();
  const { isTooDeep, isTooLong, values, members, longIntegers } = scan(text, maxLevels, reading.left);
  if (isTooDeep) return { unreadable: "nested-too-deep" };
  if (isTooLong) return { unreadable: "not-json" };
  reading.check(values);
  const value = parse(withLongIntegersAsTexts(text, longIntegers));
  if (value === undefined) return { unreadable: "not-json" };
  reading.take(values);
  if (countMembers(value) === members) return { value, flags: [] };
  if (reading.keep === undefined && dropsMuch(text)) reading.keep = "duplicate-keys";
  return { value, flags: ["duplicate-keys"] };
}

function parse(json: string): Json | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The beginning and end of a run of digits in a text. */
type Place = readonly [from: number, to: number];

const minus = 0x2d;
const zero = 0x30;

/**
 * Replaces each integer that a double cannot hold by a text of its digits: it is an id. Text that is not JSON stays
 * invalid.
 *
 * @param places where runs of digits begin and end outside of strings, in pairs
 */
function withLongIntegersAsTexts(json: string, places: readonly number[]): string {
  const pieces: string[] = [];
  let done = 0;
  for (let index = 0; index + 1 < places.length; index += 2) {
    const place: Place = [Number(places[index]), Number(places[index + 1])];
    if (!isLost(json, place)) continue;
    const [from, to] = withSign(json, place);
    pieces.push(json.slice(done, from), '"', json.slice(from, to), '"');
    done = to;
  }
  return pieces.length === 0 ? json : pieces.join("") + json.slice(done);
}

/** Whether these digits are a whole value, an integer by JSON's rules, and would change as a double. */
function isLost(json: string, [from, to]: Place): boolean {
  if (json.charCodeAt(from) === zero || json.charCodeAt(skipBlanks(json, to)) === colon) return false;
  return to - from > safeDigits || !Number.isSafeInteger(Number(json.slice(from, to)));
}

/** The digits of the largest safe integer. */
const safeDigits = String(Number.MAX_SAFE_INTEGER).length;

function withSign(json: string, [from, to]: Place): Place {
  return [json.charCodeAt(from - 1) === minus ? from - 1 : from, to];
}

/** A quoted text of so few characters is surely just a name or a number. */
const maxWord = 66;

const actionNames = ["want_action", "post_action"];

/** Characters that may surround a word in JSON: quotes and white space, also escaped. */
const besidesWord = /["\s]|\\[nrt]/g;

/**
 * Whether parsing JSON in which a name occurs twice drops more than a word: an object, a list or a long text, for
 * example a picture, or a wanted action, if the last value is different. Reads each character once.
 */
export function dropsMuch(json: string): boolean {
  const members = new Members(json);
  visitJson(json, members);
  return members.isOver;
}

/** An object or list that is open: its members as text, and where the last one begins. A list has no members by name. */
interface Open {
  values: Map<string, string>;
  name: string;
  from: number | null;
}

/** Searches the members of all objects for one that is lost. Then it is over. */
class Members implements JsonVisitor {
  isOver = false;
  readonly #json: string;
  readonly #open: Open[] = [];
  #stringFrom = 0;
  #stringTo = 0;

  constructor(json: string) {
    this.#json = json;
  }

  string(from: number, to: number): void {
    this.#stringFrom = from;
    this.#stringTo = to;
  }

  between(from: number, to: number): void {
    for (let at = from; at < to; at++) this.#mark(this.#json.charCodeAt(at), at);
  }

  #mark(code: number, at: number): void {
    const inner = this.#open.at(-1);
    if (code === openList || code === openObject) this.#open.push({ values: new Map(), name: "", from: null });
    else if (inner === undefined) return;
    else if (code === colon) this.#name(inner, at + 1);
    else if (code === comma || code === closeObject) this.#value(inner, at);
    if (code === closeList || code === closeObject) this.#open.pop();
  }

  #name(inner: Open, from: number): void {
    const name = this.#json.slice(this.#stringFrom, this.#stringTo);
    inner.name = name.includes("\\") ? JSON.parse(`"${name}"`) : name;
    inner.from = from;
  }

  /**
   * Notes a value, which may replace another one of the same name. Texts are compared, not parsed values, because that
   * takes long.
   */
  #value({ values, name, from }: Open, to: number): void {
    if (from === null) return;
    const value = this.#json.slice(from, to).trim();
    const before = values.get(name);
    values.set(name, value);
    this.isOver ||= before !== undefined && isMuch(name, before) && before !== value;
  }
}

function isMuch(name: string, value: string): boolean {
  if (/^[{[]/.test(value)) return true;
  return value.length > maxWord || (actionNames.includes(name) && isWantAction(value.replace(besidesWord, "")));
}
