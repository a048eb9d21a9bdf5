import type { ReadReport } from "../dialect.ts";
import type { Facts } from "../facts.ts";
import { milliseconds } from "../instant.ts";
import type { Json, JsonObject } from "../json.ts";
import { shownBy } from "../layouts.ts";
import { LocalTimes } from "../local-time.ts";
import { once } from "../once.ts";
import { personType } from "../person.ts";
import { type PictureKind, pictureKinds } from "../picture.ts";
import type { GivenReader } from "../recognise.ts";
import { type PathTree, restOf, type Steps, sentOn, stepsOfPath, treeOfSent } from "../steps.ts";
import type { TerminalAnswer } from "../terminal.ts";
import { idIn, number, saysNothing } from "../wire.ts";
import { type Mapping, referenceIn, timeFields, wordFields } from "./mapping.ts";

/** Reads the reports that a mapping describes: a dialect whose places are data. */
export interface MappedReader extends GivenReader {
  readonly mapping: Mapping;
  /** The list of which each element is a report; null if the value itself is one. */
  readonly each: Steps | null;
  /** How many conditions a report must meet. */
  readonly conditions: number;
  readonly picturesAt: PicturesAt;
}

type PicturesAt = Readonly<Partial<Record<PictureKind, readonly Steps[]>>>;
type Fields = Mapping["fields"];
type Field = NonNullable<Fields[keyof Fields]>;
/** Makes the reader of a mapping. */
export function mappedReaderOf(mapping: Mapping): MappedReader {
  const { id, kind, each, when, fields, pictures, signs, answer } = mapping;
  const signed = signs.map((one) => ({ isMet: meetsAll(one.when), sign: one.sign }));
  const places = once(() => placesOf(fields, pictures));
  return {
    name: id,
    mapping,
    kind,
    flags: [],
    isTerminal: false,
    each: each === undefined ? null : stepsOfPath(each),
    conditions: when.has.length + Object.keys(when.is).length,
    get picturesAt() {
      return places().pictures;
    },
    fits: meetsAll(when),
    signOf: (value) => signed.find(({ isMet }) => isMet(value))?.sign ?? null,
    answer: (report, body = report) => (answer === undefined ? null : answerOf(answer, report, body)),
    read: (body, local = new LocalTimes(null), levels = []) => read(body, local, { ...places(), levels }),
  };
}

/** Tells whether a report meets conditions. */
export function meetsAll({ has, is }: Mapping["when"]): (report: Json) => boolean {
  const equal = Object.entries(is).map(([path, value]) => ({ at: stepsOfPath(path), text: String(value) }));
  const said = has.map((path) => stepsOfPath(path));
  return (report) =>
    equal.every(({ at, text }) => {
      const value = sentOn(report, at);
      return value !== undefined && typeof value !== "object" && String(value) === text;
    }) && said.every((at) => !saysNothing(sentOn(report, at)));
}

/** A field with the paths at which its value may be. */
interface FieldPlace {
  name: keyof Fields;
  /** The members of the facts that it sets: one, or one within a group. */
  member: readonly string[];
  at: readonly Steps[];
  /** The fact of a value. Undefined: the value says nothing; null: it does not fit, and is flagged; "left": no row has it. */
  read(sent: Json, local: LocalTimes): unknown;
}

interface Places {
  fields: readonly FieldPlace[];
  /** The fields whose values are levels of the topic, or of the path. */
  ofLevels: readonly (Omit<FieldPlace, "at"> & { level: number })[];
  pictures: PicturesAt;
  /** All paths of both: if each is used, these are not in `extra`. */
  all: PathTree;
}

const left = Symbol("left");

function placesOf(fields: Fields, pictures: Mapping["pictures"]): Places {
  const stepsIn = (at: string | readonly string[]) => [at].flat().map((path) => stepsOfPath(path));
  const placed: FieldPlace[] = [];
  const ofLevels: Places["ofLevels"][number][] = [];
  for (const [name, field] of Object.entries(fields) as [keyof Fields, Field][]) {
    const { at } = field;
    const place = { name, member: name.split("."), read: readerFor(name, field) };
    if (typeof at === "object" && "topic" in at) ofLevels.push({ ...place, level: at.topic });
    else placed.push({ ...place, at: stepsIn(at) });
  }
  const shown: Partial<Record<PictureKind, readonly Steps[]>> = {};
  for (const kind of pictureKinds) {
    const at = pictures[kind];
    if (at !== undefined) shown[kind] = stepsIn(at);
  }
  const all = [...placed.flatMap(({ at }) => at), ...Object.values(shown).flat()];
  return { fields: placed, ofLevels, pictures: shown, all: treeOfSent(all) };
}

function readerFor(name: keyof Fields, field: Field): FieldPlace["read"] {
  if ("as" in field) {
    const own = field.zone === undefined ? null : new LocalTimes(field.zone);
    return (sent, local) => timeOf(sent, field.as, own ?? local);
  }
  if (name === "score" || name === "attributes.temperature") {
    const scale = name === "score" ? ("of" in field ? field.of : null) : undefined;
    return (sent) => {
      const read = number().safeParse(sent);
      if (!read.success || read.data === undefined) return null;
      return scale === undefined ? read.data : [read.data, scale];
    };
  }
  const { values, else: otherwise }: NonNullable<Fields["method"]> = field;
  const rows = values === undefined ? null : rowsOf(values);
  return (sent) => {
    if (typeof sent === "object") return null;
    const text = String(sent).toWellFormed();
    if (rows !== null) return rows.get(text) ?? rows.get(text.trim()) ?? otherwise ?? left;
    return asSent(name, text) ?? otherwise ?? left;
  };
}

/** The rows of a table. Blanks at the ends of a value count only if another row differs by them alone. */
function rowsOf(values: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const sent = Object.entries(values);
  return new Map([...sent.map(([text, word]) => [text.trim(), word] as const), ...sent]);
}

/** The fact that a text is without a table; undefined if it is none of the words that the fact may be. */
function asSent(name: keyof Fields, text: string): string | undefined {
  const word = text.trim();
  if (name === "person.id") return idIn(text) || undefined;
  if (name === "wantAction") return word || undefined;
  if (name === "person.type") {
    const type = personType(word);
    return type === "unknown" ? undefined : type;
  }
  const words: readonly string[] | undefined =
    name === "result" || name === "device.direction" ? wordFields[name] : undefined;
  return words === undefined ? text : words.find((one) => one === word.toLowerCase());
}

function timeOf(sent: Json, as: NonNullable<Fields["time"]>["as"], local: LocalTimes): number | null {
  if (as === "auto") return milliseconds(sent);
  const shown = typeof sent === "string" || typeof sent === "number" ? shownBy(String(sent), as) : null;
  return shown === null ? null : (local.timeAt(shown) ?? null);
}

function read(
  body: JsonObject | Json[],
  local: LocalTimes,
  places: Places & { levels: readonly string[] },
): ReadReport {
  const facts: Facts & JsonObject = {};
  const timesAt: ReadReport["timesAt"] = {};
  /** Paths of values that stay in `extra`: those that could not be read, and those that no table has. */
  const unreadable: Steps[] = [];
  const unused: Steps[] = [];
  for (const { name, member, at, read: factOf } of places.fields) {
    const [first, ...others] = saidOn(body, at);
    unused.push(...others.map(({ path }) => path));
    if (first === undefined) continue;
    const { path, sent } = first;
    const fact = factOf(sent, local);
    if (fact === null) unreadable.push(path);
    else if (fact === left) unused.push(path);
    else setFact(facts, member, fact as Json);
    const time = timeFields.find((field) => field === name);
    if (time !== undefined) timesAt[time] = path;
  }
  setLevels(facts, local, places);
  if (!isOfPerson(facts)) setFact(facts, ["person", "type"], "unknown");
  const pictures = pictureKinds.flatMap((kind) => {
    const [first, ...others] = saidOn(body, places.pictures[kind] ?? []);
    unused.push(...others.map(({ path }) => path));
    return first === undefined ? [] : [first.sent].flat().map((sent) => ({ kind, sent }));
  });
  const kept = [...unreadable, ...unused];
  return {
    facts,
    pictures,
    extra: restOf(body, kept.length === 0 ? places.all : treeWithout(places, kept)),
    unreadable,
    timesAt,
  };
}

/** Sets the facts that are levels of the topic. A level that is no such fact is left out: the record has the topic. */
function setLevels(facts: JsonObject, local: LocalTimes, { ofLevels, levels }: Parameters<typeof read>[2]): void {
  for (const { member, level, read: factOf } of ofLevels) {
    const fact = factOf(levels[level] ?? "", local);
    if (typeof fact === "string" && fact !== "") setFact(facts, member, fact);
  }
}

/** Whether facts name a person, or the type of one. Without a person, nothing says that it is an employee. */
function isOfPerson({ person = {} }: Facts): boolean {
  return person.id !== undefined || person.name !== undefined || person.type !== undefined;
}

/** The paths that have a value, each with the value. */
function saidOn(body: Json, at: readonly Steps[]): { path: Steps; sent: Json }[] {
  return at.flatMap((path) => {
    const sent = sentOn(body, path);
    return saysNothing(sent) ? [] : [{ path, sent }];
  });
}

/** The paths of values that are not in `extra`, if some stay in it. */
function treeWithout({ fields, pictures }: Places, kept: readonly Steps[]): PathTree {
  const isKept = (path: Steps) => kept.includes(path);
  const all = [...fields.flatMap(({ at }) => at), ...Object.values(pictures).flat()];
  return treeOfSent(all.filter((path) => !isKept(path)));
}

function setFact(facts: JsonObject, [name = "", inner]: readonly string[], fact: Json): void {
  if (inner === undefined) facts[name] = fact;
  else facts[name] = { ...(facts[name] as JsonObject | undefined), [inner]: fact };
}

/** Characters of a text of a report that an answer repeats. A longer one is null there. */
const maxRepeated = 200;

function answerOf({ status, body }: NonNullable<Mapping["answer"]>, report: Json, around: Json): TerminalAnswer {
  const filled = (part: Json): Json => {
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.map(filled);
    const at = referenceIn(part);
    if (at !== null) return repeated(sentOn(at.isOfBody ? around : report, stepsOfPath(at.path)));
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, filled(inner)]));
  };
  return typeof body === "string"
    ? { status, contentType: "text/plain; charset=utf-8", body }
    : { status, contentType: "application/json", body: JSON.stringify(filled(body)) };
}

function repeated(value: Json | undefined): Json {
  if (typeof value === "string") return value.length > maxRepeated ? null : value.toWellFormed();
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}
