import {
  isEnvelope,
  isEvent,
  isObject,
  type Json,
  type JsonObject,
  type Make,
  mayHoldEvent,
  payloadForm,
  setPath,
  sharedEnvelope,
} from "@gatepost/protocol";
import { isOfAnswers, listMembers } from "./batch.ts";
import { readMultipart } from "./form.ts";
import type { Line, Read, Readable } from "./json.ts";
import { bodyReading } from "./limits.ts";
import { parseNested, readParts, readText } from "./read.ts";
import { readStructure } from "./structure.ts";
import type { TerminalForms } from "./terminal-forms.ts";
import { readTextOf } from "./text.ts";

/** How many nested members are searched for a report. */
const maxLevels = 3;

/** A text of so few characters is surely just a name or a number. */
const maxWord = 64;

/**
 * Finds the reports within a value that is not a certain report itself: in a list, in each member that is a list with reports,
 * else in the only member that has any, as integrators wrap them. Null if the value must be read as it is.
 */
export function unwrap(value: Json, terminals?: TerminalForms): Found[] | null {
  const search = new Search(terminals);
  if (Array.isArray(value)) return search.items(value);
  if (!isObject(value)) return null;
  if (isBatch(value)) return reportsOfBatch(value, search);
  const found = search.members(value, maxLevels);
  return found.length === 0 ? null : found;
}

/**
 * Whether a body is a batch as boxes and platforms send it: lists of known names, and only words and numbers beside
 * them.
 */
function isBatch(body: JsonObject): boolean {
  const members = Object.entries(body);
  const isBeside = ([name, value]: Member) => name === "pagination" || isWord(value);
  return members.some(isList) && !("identity_id" in body) && members.every((one) => isList(one) || isBeside(one));
}

type Member = [name: string, value: Json];

function isList([name, value]: Member): boolean {
  return listMembers.includes(name) && Array.isArray(value);
}

/** The reports of a batch. A word beside them that may describe them is kept with the first one. */
function reportsOfBatch(body: JsonObject, search: Search): Found[] {
  const members = Object.entries(body);
  const lists = members.flatMap(([name, value]) =>
    Array.isArray(value) ? [{ name, value, found: search.items(value) }] : [],
  );
  const beside = members.filter((one) => !isList(one));
  const telling = beside.filter(([, value]) => saysSomething(value));
  if (telling.length === 0)
    return lists.flatMap(({ name, found }) => found.map((one) => ({ ...one, ...envelopeOf(one, name, {}) })));
  const isTold = telling.some(([name]) => !isOfAnswers(name));
  return carried(lists, Object.fromEntries(beside), isTold ? ["unwrapped"] : []);
}

/** How many objects without a report are searched. A hostile body has millions of them. */
const maxMisses = 20_000;
/** Parsing a text without a report takes as long as searching so many objects. */
const missesOfText = 200;

/** A search for events. It gives up after too many values that contain none. */
class Search {
  readonly #terminals: TerminalForms | undefined;
  #misses = 0;

  constructor(terminals: TerminalForms | undefined) {
    this.#terminals = terminals;
  }

  /** The reports of a list. Each item gives at least one. */
  items(list: readonly Json[]): Found[] {
    return list.flatMap((item) => {
      const found = this.#reports(item, maxLevels);
      return found.length > 0 ? found : [asItIs(item)];
    });
  }

  /** Lists count first: members that a sender repeats beside them are not another report. */
  members(body: JsonObject, levels: number): Found[] {
    const telling = Object.entries(body).flatMap(([name, value]) => {
      const found = this.#reports(value, levels - 1);
      return found.length > 0 ? [{ name, value, found }] : [];
    });
    const lists = telling.filter(({ value }) => Array.isArray(value));
    const taken = lists.length > 0 ? lists : telling;
    if (taken.length === 0 || (lists.length === 0 && telling.length > 1)) return [];
    const rest = Object.fromEntries(Object.entries(body).filter(([name]) => taken.every((one) => one.name !== name)));
    return whole(body, carried(taken, rest));
  }

  /** All reports of a value that contains an event; none if it contains no event. */
  #reports(value: Json, levels: number): Found[] {
    if (this.#misses >= maxMisses) return [];
    if (typeof value === "string") return this.#inText(value, levels);
    if (typeof value !== "object" || value === null) return [];
    const found = Array.isArray(value) ? this.#inList(value, levels) : this.#inObject(value, levels);
    if (found.length === 0) this.#misses += 1;
    return found;
  }

  #inObject(body: JsonObject, levels: number): Found[] {
    const event = eventOf(body);
    if (event !== null) return [event];
    const ofTerminal = this.#ofTerminal(body);
    return ofTerminal.length > 0 || levels === 0 ? ofTerminal : this.members(body, levels);
  }

  /** The values of a terminal's body that has a passing. Signs of life keep nothing, so none is looked for in a wrapping. */
  #ofTerminal(body: JsonObject): Found[] {
    const make = this.#terminals?.makeOf(body) ?? null;
    const values = make?.valuesIn(body) ?? [];
    const isRead = (one: JsonObject) => make?.dialects.some((dialect) => dialect.looksLike(one, "")) === true;
    if (make === null || !values.some((one) => isRead(one) && make.signOf(one) === null)) return [];
    return values.map((one) => ({ value: one, flags: [], isLossy: false, make, source: () => one }));
  }

  #inText(text: string, levels: number): Found[] {
    const payload = readPayload(text, this.#terminals);
    if (payload === undefined) return [];
    const found = payload === null ? [] : this.#reports(payload.value, levels);
    if (payload === null || found.length === 0) {
      this.#misses += missesOfText;
      return [];
    }
    if (payload.left !== undefined) bodyReading().keep ??= "part";
    return whole(
      text,
      found.map((one) => ({ ...one, flags: [...payload.flags, ...one.flags] })),
    );
  }

  #inList(list: readonly Json[], levels: number): Found[] {
    const items = list.map((item) => ({ item, found: this.#inItem(item, levels) }));
    if (items.every(({ found }) => found.length === 0)) return [];
    return items.flatMap(({ item, found }) =>
      found.length > 0 ? found : [{ value: item, flags: [], isLossy: false, source: () => item }],
    );
  }

  /** A list within a list uses up a level. */
  #inItem(item: Json, levels: number): Found[] {
    if (!Array.isArray(item)) return this.#reports(item, levels);
    return levels === 0 ? [] : this.#reports(item, levels - 1);
  }
}

function asItIs(item: Json): Found {
  const read = typeof item === "string" ? readStructure(item) : null;
  const value = read?.value ?? item;
  const flags = [...(read?.flags ?? []), ...(isObject(value) ? parseNested(value) : [])];
  return { value, flags, isLossy: false, source: () => item };
}

/** The event in a body, also if its nested members are texts; null if it is not an event. */
function eventOf(body: JsonObject): Found | null {
  const hasTexts = typeof body["ext_data"] === "string" || typeof body["common"] === "string";
  // A copy: a body that turns out not to be an event must stay as it was sent.
  const value = hasTexts ? structuredClone(body) : body;
  const flags = hasTexts || isEvent(body) ? parseNested(value) : [];
  return isEvent(value) ? { value, flags, isLossy: false, isEvent: true, source: () => body } : null;
}

function isWord(value: Json): boolean {
  return typeof value === "string" ? value.length <= maxWord : !saysSomething(value) || typeof value !== "object";
}

/** A report that was found within a value. */
export interface Found {
  value: Json;
  flags: readonly string[];
  /** Whether something beside the report is in no event: it may be a part of a report. */
  isLossy: boolean;
  /** Whether it is certainly a report of SophonGate. */
  isEvent?: true;
  /** The maker of the terminal that it is from, if it is known. Its source has no templates. */
  make?: Make;
  /** The members beside the report, and around these, which its event keeps. */
  envelope?: JsonObject;
  /**
   * The value to keep if the report cannot be stored, or not completely: the report in its wrapping, without the other
   * reports.
   */
  source(): Json;
}

/**
 * The reports of some members, each with their neighbours as its envelope. If that cannot be an envelope, it is carried
 * by their first event, or by the first report if there is no event.
 *
 * @param flag none for words about the answer of an API, which are usual beside a list
 */
function carried(
  taken: readonly { name: string; value: Json; found: Found[] }[],
  rest: JsonObject,
  flag: readonly ["unwrapped"] | readonly [] = ["unwrapped"],
): Found[] {
  const reports = taken.flatMap(({ found }) => found);
  const carrier = reports.find(isPassing) ?? reports[0];
  const beside = Object.fromEntries(Object.entries(rest).filter(([, value]) => saysSomething(value)));
  const isKept = isEnvelope(beside);
  const shared = isKept ? sharedEnvelope(beside) : {};
  return taken.flatMap(({ name, value, found }) =>
    found.map((one) => {
      const flags = [...new Set([...one.flags, ...flag])];
      const sourceWith = (around: JsonObject) => () => {
        const wrapped = { ...around };
        setPath(wrapped, [name], Array.isArray(value) ? [one.source()] : one.source());
        return wrapped;
      };
      if (one !== carrier) {
        const source = Object.keys(shared).length === 0 ? one.source : sourceWith(shared);
        return { ...one, flags, ...envelopeOf(one, name, shared), source };
      }
      const source = sourceWith(rest);
      const isLossy = one.isLossy || !isKept;
      return { ...one, flags, isLossy, ...envelopeOf(one, name, isKept ? beside : {}), source };
    }),
  );
}

function isPassing({ value, make }: Found): boolean {
  return isObject(value) && (make === undefined ? isEvent(value) : make.signOf(value) === null);
}

/** The envelope of a report in a member of this name: it includes everything around the report within that member. */
function envelopeOf({ envelope: inner }: Found, name: string, beside: JsonObject): Pick<Found, "envelope"> {
  const envelope = { ...beside };
  if (inner !== undefined) setPath(envelope, [name], inner);
  return Object.keys(envelope).length === 0 ? {} : { envelope };
}

/** If a value contains only one report, the value itself is kept as its source, unless it may have templates. */
function whole(value: Json, found: Found[]): Found[] {
  const [only, ...others] = found;
  return only === undefined || only.make !== undefined || others.length > 0
    ? found
    : [{ ...only, source: () => value }];
}

function saysSomething(value: Json): boolean {
  if (value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

type Payload = Pick<Readable, "value" | "flags" | "left">;

/**
 * The value of a text that contains the body of a message: JSON or nearly JSON, one value on each line, a form, XML of a
 * terminal, or base64 of any but XML. Null if it contains no object and no list, and so surely no event; undefined if that was
 * found at no cost.
 */
function readPayload(text: string, terminals: TerminalForms | undefined): Payload | null | undefined {
  const form = payloadForm(text);
  const mayHold = (sent: string | Buffer) => mayHoldEvent(sent) || terminals?.mayHold(sent) === true;
  if (form === "base64") {
    const bytes = Buffer.from(text, "base64");
    return mayHold(bytes) ? readBytes(bytes, terminals) : undefined;
  }
  if (!mayHold(text)) return undefined;
  return form === null ? (terminals?.readText(text) ?? undefined) : structureOf(readText(text, ""));
}

function readBytes(bytes: Buffer, terminals: TerminalForms | undefined): Payload | null {
  const multipart = readMultipart(bytes, "");
  if (typeof multipart === "object" && multipart?.isTorn === false) {
    return structureOf(terminals?.readForm(multipart.fields) ?? readParts(multipart.fields));
  }
  const read = readTextOf(bytes, "");
  if (read === null) return null;
  const payload = structureOf(readText(read.text, ""));
  return payload !== null && read.isGuess ? { ...payload, flags: [...payload.flags, "charset"] } : payload;
}

/** Lines that cannot be read stay texts. */
function structureOf(read: Read | Line[]): Payload | null {
  if (Array.isArray(read)) {
    const values = read.map(({ text, read: line }) => ("value" in line ? line.value : text));
    return {
      value: values,
      flags: [...new Set(read.flatMap(({ read: line }) => ("value" in line ? line.flags : [])))],
    };
  }
  return "value" in read && typeof read.value === "object" && read.value !== null ? read : null;
}
