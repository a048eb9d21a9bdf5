import { isUsableTime, milliseconds } from "../instant.ts";
import { type Json, type JsonObject, omitAbsent } from "../json.ts";
import { type Layout, layouts, shownBy } from "../layouts.ts";
import { LocalTimes } from "../local-time.ts";
import { cardNumbers, ends, inWords, number, person, personNames, personNumbers } from "../name-words.ts";
import { decodePicture, type PictureKind, pictureKinds } from "../picture.ts";
import { elementText, pathOf, type Steps } from "../steps.ts";
import type { Mapping } from "./mapping.ts";

type Scalar = string | number | boolean;

/** A value of a report that is no object and no list. */
export interface Leaf {
  path: string;
  steps: Steps;
  value: Scalar;
}

/** When and where a report was received. */
export interface Received {
  /** ms since 1970. */
  receivedAt: number;
  /** The zone of its box; null if none is known. */
  zone: string | null;
}

export type FieldName = keyof Mapping["fields"];

/** A meaning that a value may have. */
export interface Meaning {
  field: FieldName | `pictures.${PictureKind}`;
  /** How a time is read. */
  as?: "auto" | Layout;
  /** The time that it would be, in ms since 1970. Absent if the zone of the box is needed and not known. */
  time?: number;
  /** The highest score. */
  of?: number;
  /** 2 and more: by its name, or by the value alone. 1: it is possible. */
  weight: number;
}

/** The leaves of a value in its order, `max` at most. Null and empty texts are left out. The text of an element is the element. */
export function leavesOf(value: Json, max: number): { leaves: Leaf[]; isCut: boolean } {
  const leaves: Leaf[] = [];
  let isCut = false;
  const visit = (inner: Json, steps: Steps): void => {
    if (isCut || inner === null || inner === "") return;
    if (typeof inner === "object")
      for (const [step, child] of childrenOf(inner)) visit(child, step === elementText ? steps : [...steps, step]);
    else if (leaves.length === max) isCut = true;
    else leaves.push({ path: pathOf(steps), steps, value: inner });
  };
  visit(value, []);
  return { leaves, isCut };
}

function childrenOf(value: Json[] | JsonObject): (readonly [string | number, Json])[] {
  return Array.isArray(value) ? [...value.entries()] : Object.entries(value);
}

const device =
  "device|dev|terminal|gate|door|reader|machine|controller|panel|equipment|location|access ?point|entrance|channel";

/** Names of other things than persons, also with the names around them. */
const ofOthers = ends(`.*(?:${device}|dep(?:t|artment)|group|org|company|area|site|file|box) ?(?:name|${number})`);
/** The same of a report: `eventName` is of the event, and `event.name` may be of the person in it. */
const ofReports = ends(`.*(?:event|record) ?(?:name|${number})`);
const ofPersons = ends(`(?:${person}) ?(?:full|display|real|nick)? ?name`);

/** Values that say by themselves that a message is a sign of life. */
export const signWords = /heart|keep[-_ ]?alive|^alive|^ping$|^hello$|心跳/i;

const texts = (value: Scalar) => String(value).length <= 200;
const isId = (value: Scalar) => typeof value !== "boolean" && /^\S(?:.{0,62}\S)?$/u.test(String(value));
const isName = (value: Scalar) => typeof value === "string" && /^[\p{L}\p{M}][\p{L}\p{M} .,'’·-]{0,60}$/u.test(value);
const isShort = (value: Scalar) => String(value).length <= 40;
const isWithin = (from: number, to: number) => (value: Scalar) =>
  typeof value !== "boolean" && value !== "" && Number(value) >= from && Number(value) <= to;
const isPersonName = (value: Scalar) =>
  typeof value === "string" && /^[\p{L}\p{M}][\p{L}\p{M}\d .,'’·()-]{0,60}$/u.test(value) && !signWords.test(value);
/** Chinese names have two to four characters. */
const isHanName = (value: Scalar) => typeof value === "string" && /^\p{Script=Han}{2,4}$/u.test(value);
const isAddress = (value: Scalar) => typeof value === "string" && /^(?:\d{1,3}\.){3}\d{1,3}$/.test(value);
const isPlace = (value: Scalar) => isName(value) && (String(value).length > 2 || isHanName(value));

/** A field: the names under which makers send it, and the values that it may have. */
interface Rule {
  field: FieldName;
  named: RegExp;
  /** Whether it is about a person: other things have names and numbers, too. */
  isOfPerson?: true;
  may(value: Scalar): boolean;
  /** Whether the value alone says it. */
  is?(value: Scalar): boolean;
}

/** In the order in which they are offered for a value whose name says nothing. */
const rules: readonly Rule[] = [
  {
    field: "person.id",
    named: ends(personNumbers),
    isOfPerson: true,
    may: isId,
  },
  {
    field: "person.name",
    named: ends(personNames),
    isOfPerson: true,
    may: isPersonName,
    is: isHanName,
  },
  {
    field: "device.id",
    named: ends(`(?:${device}) ?(?:${number})|terminal|reader|gate|door|sn|serial(?: ?(?:no|number))?|sbh|mac`),
    may: isId,
  },
  {
    field: "device.name",
    named: ends(`(?:${device}) ?(?:name|title|label)|door|gate|location|entrance`),
    may: isPlace,
  },
  { field: "device.ip", named: ends("ip(?: ?addr(?:ess)?)?"), may: isAddress, is: isAddress },
  {
    field: "device.direction",
    named: ends("direct(?:ion)?|in ?(?:or ?)?out|way|dir|io|fx|ent(?:ry|er) ?exit|pass ?type|access ?direction|进出"),
    may: isShort,
  },
  { field: "person.type", named: ends(`(?:${person}) ?(?:type|kind|class|category|role)`), may: isShort },
  {
    field: "result",
    named: ends(
      "(?:verify |access |pass |auth )?(?:result|outcome|status|state)|granted|allowed|success|passed|is ?pass|decision",
    ),
    may: isShort,
  },
  {
    field: "method",
    named: ends(
      "method|(?:verify|pass|open|auth|recognition|access) ?(?:mode|type|way)|(?:authentication|verification|credential) ?(?:type|mode)|mode|type",
    ),
    may: isShort,
  },
  { field: "card", named: ends(cardNumbers), may: isId },
  {
    field: "score",
    named: ends("score|similarity ?\\d*|confidence|likeness|match(?: ?(?:score|rate))?"),
    may: isWithin(0, 100),
  },
  { field: "attributes.temperature", named: ends("(?:body ?)?temp(?:erature)?|tw"), may: isWithin(25, 45) },
  { field: "attributes.mask", named: ends("(?:has ?|wear ?|with ?)?(?:face ?)?mask"), may: isShort },
  { field: "attributes.age", named: ends("age"), may: isWithin(0, 120) },
  { field: "attributes.gender", named: ends("gender|sex"), may: isShort },
  { field: "attributes.glasses", named: ends("glass(?:es)?"), may: isShort },
  { field: "person.group", named: ends("(?:dep(?:t|artment)|group|org|team|company)(?: ?name)?"), may: texts },
  { field: "reason", named: ends("reason|cause|fail(?:ure)?|error(?: ?(?:msg|message))?"), may: texts },
  { field: "serial", named: ends("box ?(?:sn|serial(?: ?no)?)"), may: isId },
  { field: "device.endpoint", named: ends("endpoint|ep ?id"), may: isId },
  { field: "wantAction", named: ends("want ?action"), may: isShort },
];

const timeNames = ends(
  ".*(?:time|date|when|stamp|seen|published|occurred|happened|captured|sj|时间)|.*(?: |^)(?:ts|at)|datetime",
);
/** Names of other times than the time of a passing. */
const otherTimes = ends(
  ".*(?:start|begin|end|expir\\w*|valid\\w*|birth|server|send|sent|upload|report|push|creat\\w* ?account|online|boot|next) ?(?:time|date|at|stamp)?|send ?in ?time",
);
const enterNames = ends(".*(?:enter|entry|arriv\\w*|check ?in|appear\\w*) ?(?:time|at|date)?");
const leaveNames = ends(".*(?:leave|left|exit|check ?out|disappear\\w*) ?(?:time|at|date)?");

/** The kinds of pictures by words in their names. Any other one is the face. */
const kindNames: Readonly<Partial<Record<PictureKind, RegExp>>> = {
  registered: /\breg|enrol|templ|archive|library|base ?map/,
  infrared: /\bir\b|infra/,
  scene: /scene|spot|full|background|\bbg\b|panor|environ|\bsnap\b|\bshot\b/,
};

/** What a value may be, the likeliest first. */
export function mayBe({ steps, value }: Leaf, received: Received): Meaning[] {
  const names = namesOn(steps);
  if (typeof value === "string" && isPictureText(value)) return picturesBy(names.kind);
  const meanings = rules.flatMap((rule) => (rule.may(value) ? [meaningBy(rule, names, value)] : []));
  return [...timesOf(value, names, received), ...meanings].toSorted((a, b) => b.weight - a.weight);
}

/** The meaning of the names on a path. */
interface Names {
  fields: ReadonlySet<FieldName>;
  kind: PictureKind;
  /** Other things than a person have this name. */
  isOfOther: boolean;
  /** It is a name, and does not say of whom. It may be of a report. */
  nameOf: "person" | "any" | "report";
  /** It is a word for a place, which may have a name of letters. */
  isPlace: boolean;
  isTime: boolean;
  isOtherTime: boolean;
}

/** Paths whose names are remembered: all reports of a format have the same. */
const maxNames = 2000;
const known = new Map<string, Names>();

const wordsOfPlaces = ends("door|gate|reader|terminal");

function namesOn(steps: Steps): Names {
  const [phrase, own] = [phraseOf(steps), phraseOf(steps.slice(-1))];
  const key = `${phrase}/${own}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const isOfOther = ofOthers.test(phrase) || ofReports.test(own);
  const named = rules.filter((rule) => rule.named.test(phrase) && !(rule.isOfPerson && isOfOther));
  const fields = new Set(named.map(({ field }) => field));
  if (enterNames.test(phrase)) fields.add("enteredAt");
  if (leaveNames.test(phrase)) fields.add("leftAt");
  const nameOf = ofPersons.test(phrase) ? "person" : ofReports.test(phrase) ? "report" : "any";
  const names: Names = {
    fields,
    isOfOther,
    nameOf,
    kind: pictureKinds.find((kind) => kindNames[kind]?.test(phrase)) ?? "face",
    isPlace: wordsOfPlaces.test(phrase),
    isTime: timeNames.test(phrase),
    isOtherTime: otherTimes.test(phrase),
  };
  if (known.size >= maxNames) known.clear();
  known.set(key, names);
  return names;
}

function meaningBy(rule: Rule, names: Names, value: Scalar): Meaning {
  const { field } = rule;
  const weight = weightOf(rule, names, value);
  if (field === "score") return { field, weight, of: Number(value) <= 1 ? 1 : 100 };
  // A door with a name of letters alone has no number there.
  const isNameOfDoor = field === "device.id" && names.isPlace && isPlace(value);
  return { field, weight: isNameOfDoor ? 1 : weight };
}

/** The name of a report is a person's only if it is written as one: most are of a type, as `AccessGranted`. */
const isWrittenAsPerson = /^\p{Lu}[\p{Ll}\p{M}]+$|\p{L} \p{L}|\p{Script=Han}/u;

function weightOf({ field, isOfPerson, is }: Rule, { fields, isOfOther, nameOf }: Names, value: Scalar): number {
  if (!fields.has(field)) return is?.(value) === true && !(isOfPerson && isOfOther) ? 2 : 1;
  if (field !== "person.name" || nameOf === "person") return 3;
  return nameOf === "any" || isWrittenAsPerson.test(String(value)) ? 2.5 : 1;
}

/** The last names on a path in words: `info.PersonUUID` is `info person uuid`. */
function phraseOf(steps: Steps): string {
  return inWords(steps.filter((step) => typeof step === "string").slice(-4));
}

/** How JPEG and PNG begin in base64, also URL-safe, and in a data URI. */
const pictureBeginning = /^\s{0,9}(?:data:|[/_]9j[/_]|iVBORw0K)/;

/** Whether a text is a picture. Nearly every other text is known by its beginning. */
export function isPictureText(text: string): boolean {
  return pictureBeginning.test(text) && decodePicture(text) !== null;
}

function picturesBy(named: PictureKind): Meaning[] {
  const others = (["face", "scene", "registered", "infrared"] as const).filter((kind) => kind !== named);
  return [named, ...others].map((kind, at) => ({ field: `pictures.${kind}`, weight: at === 0 ? 3 : 1 }));
}

/** Digits of the shortest time that is read: a day, and a time of day in minutes without zeros in front. */
const fewestDigits = 9;

type Reading = Required<Pick<Meaning, "as">> & Pick<Meaning, "time"> & { distance: number };

/** How a text may be read as a time, the nearest to its receipt first. */
function readingsOf(value: string | number, { receivedAt, zone }: Received): Reading[] {
  const text = String(value).trim();
  if (text.length > 40 || text.replaceAll(/\D/g, "").length < fewestDigits) return [];
  const readings: Reading[] = [];
  const add = (as: Reading["as"], shown: number | null, time: number | undefined) => {
    if (shown === null || !isUsableTime(shown, receivedAt)) return;
    readings.push({ as, distance: Math.abs(shown - receivedAt), ...omitAbsent({ time }) });
  };
  const isShortNumber = /^\d{1,9}(?:\.\d*)?$/.test(text);
  const auto = isShortNumber ? null : milliseconds(value);
  add("auto", auto, auto ?? undefined);
  const local = new LocalTimes(zone);
  for (const layout of layouts) {
    const shown = shownBy(text, layout);
    add(layout, shown, shown === null ? undefined : local.timeAt(shown));
  }
  return readings.sort((a, b) => a.distance - b.distance);
}

function timesOf(value: Scalar, { fields, isTime, isOtherTime }: Names, received: Received): Meaning[] {
  const readings = typeof value === "boolean" ? [] : readingsOf(value, received);
  const [best] = readings;
  if (best === undefined) return [];
  const reading = ({ as, time }: Reading) => ({ as, ...omitAbsent({ time }) });
  const [isEntered, isLeft] = [fields.has("enteredAt"), fields.has("leftAt")];
  const byValue = /^[\d.]+$/.test(String(value)) ? 1.5 : 2;
  const byName = isTime ? 3 : byValue;
  const weight = isOtherTime ? 1 : isEntered || isLeft ? 2.5 : byName;
  const times = readings.map(
    (one, at): Meaning => ({
      field: "time",
      ...reading(one),
      weight: at === 0 ? weight : weight - 0.1,
    }),
  );
  const entered: Meaning = { field: "enteredAt", ...reading(best), weight: isEntered ? 3 : 1 };
  const left: Meaning = { field: "leftAt", ...reading(best), weight: isLeft ? 3 : 1 };
  return [...times, entered, left];
}
