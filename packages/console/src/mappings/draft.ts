import type { Api } from "@gatepost/client";

type Sent = Api["POST /v1/mappings"]["body"];
type FieldName = keyof Sent["fields"];
type PictureKind = keyof NonNullable<Sent["pictures"]>;
type Sign = NonNullable<Sent["signs"]>[number];
export type TimeLayout = NonNullable<NonNullable<Sent["fields"]["time"]>["as"]>;
export type ConditionValue = string | number | boolean;

/** A mapping that is being taught, with all of its members. */
export interface TaughtDraft extends Omit<Sent, "box" | "when" | "pictures" | "signs"> {
  box: string | null;
  when: { has: readonly string[]; is: Readonly<Record<string, ConditionValue>> };
  pictures: NonNullable<Sent["pictures"]>;
  signs: readonly Sign[];
}

/** The meanings of a value, in the order of the menu: facts of the event, and its pictures. */
export const factNames = [
  "time",
  "person.id",
  "person.name",
  "person.type",
  "person.group",
  "device.id",
  "device.name",
  "device.ip",
  "device.endpoint",
  "device.direction",
  "result",
  "reason",
  "method",
  "card",
  "score",
  "attributes.temperature",
  "attributes.mask",
  "attributes.age",
  "attributes.gender",
  "attributes.glasses",
  "enteredAt",
  "leftAt",
  "serial",
  "wantAction",
  "pictures.face",
  "pictures.scene",
  "pictures.registered",
  "pictures.infrared",
] as const satisfies readonly (FieldName | `pictures.${PictureKind}`)[];
export type FactName = (typeof factNames)[number];

export const isFact = (name: string): name is FactName => factNames.some((one) => one === name);

/** Facts that are one of a few words, and these words. The first three facts are never another word. */
export const wordsOfFacts = {
  "device.direction": ["in", "out"],
  "person.type": ["employee", "visitor", "vip", "stranger", "blacklist", "unknown"],
  result: ["granted", "denied"],
  method: ["face", "card", "fingerprint", "code", "password"],
  wantAction: ["1001", "1002"],
  "attributes.gender": ["male", "female"],
  "attributes.mask": ["yes", "no"],
  "attributes.glasses": ["yes", "no"],
} as const satisfies Partial<Record<FactName, readonly string[]>>;
export type WordFact = keyof typeof wordsOfFacts;

export const isWordFact = (name: string): name is WordFact => Object.hasOwn(wordsOfFacts, name);

/** Whether a value that has no row stays in the rest of the report. Other facts take it as it was sent. */
const isClosed = (fact: WordFact) => fact === "device.direction" || fact === "person.type" || fact === "result";

/** A press of the user. Its paths are as the mapping has them. */
export type Press =
  | { press: "name"; path: string; fact: FactName; as?: TimeLayout; of?: number; here: readonly string[] }
  | { press: "none"; path: string }
  | { press: "always"; path: string; value: ConditionValue }
  | { press: "there"; path: string }
  | { press: "mean"; fact: WordFact; values: Readonly<Record<string, string>>; rest: string | null }
  | { press: "sign"; sign: Sign }
  | { press: "no-sign"; at: number }
  | { press: "each"; list: string | null }
  | { press: "title"; name: string }
  | { press: "zone"; zone: string | null }
  | { press: "box"; box: string | null };

/** The draft after a press. */
export function pressed(draft: TaughtDraft, press: Press): TaughtDraft {
  switch (press.press) {
    case "name":
      return named(withoutFacts(draft, press.path), press);
    case "none":
      return withoutFacts(draft, press.path);
    case "always":
      return withCondition(draft, press.path, press.value);
    case "there":
      return withPresence(draft, press.path);
    case "mean":
      return meant(draft, press);
    case "sign":
      return { ...draft, signs: [...draft.signs, press.sign] };
    case "no-sign":
      return { ...draft, signs: draft.signs.filter((_, at) => at !== press.at) };
    case "each":
      return inList(draft, press.list);
    case "title":
      return { ...draft, name: press.name };
    case "zone":
      return inZone(draft, press.zone);
    case "box":
      return { ...draft, box: press.box };
  }
}

/** Paths of one fact: the first that has a value counts. */
const maxPaths = 4;

function named(draft: TaughtDraft, { path, fact, as, of, here }: Press & { press: "name" }): TaughtDraft {
  // A fact with another path in this report moves. One whose paths only other reports have gets one path more.
  const others = pathsOf(draft, fact).filter((one) => !here.includes(one));
  const paths = [...others.slice(0, maxPaths - 1), path];
  const [only = path, ...more] = paths;
  const at = more.length === 0 ? only : paths;
  const picture = pictureOf(fact);
  if (picture !== null) return { ...draft, pictures: { ...draft.pictures, [picture]: at } };
  const field = { at, ...(as === undefined ? {} : { as }), ...(of === undefined ? {} : { of }) };
  return { ...draft, fields: { ...draft.fields, [fact]: field } };
}

function withoutFacts(draft: TaughtDraft, path: string): TaughtDraft {
  const other = (one: string) => (one === path ? null : one);
  return { ...draft, fields: withPaths(draft.fields, other), pictures: withPaths(draft.pictures, other) };
}

/** Facts with other paths, or without those that are null. A fact that has no path is gone. */
function withPaths<Table extends object>(table: Table, pathFor: (path: string) => string | null): Table {
  const rows = Object.entries(table).flatMap(([name, value]: [string, At]) => {
    const sent = isPlain(value) ? value : value.at;
    // A level of the topic is no path of the report, and stays.
    if (!isPlain(sent)) return [[name, value]];
    const paths = [sent].flat().flatMap((path) => pathFor(path) ?? []);
    const [only, ...more] = paths;
    if (only === undefined) return [];
    const at = more.length === 0 ? only : paths;
    return [[name, isPlain(value) ? at : { ...value, at }]];
  });
  return Object.fromEntries(rows);
}

type Paths = string | readonly string[];
type Level = { topic: number };
type At = Paths | { at: Paths | Level };

const isPlain = (value: At | Level): value is Paths => typeof value === "string" || Array.isArray(value);

function withCondition(draft: TaughtDraft, path: string, value: ConditionValue): TaughtDraft {
  const { [path]: _, ...others } = draft.when.is;
  const is = isAlways(draft, path, value) ? others : { ...others, [path]: value };
  return { ...draft, when: { ...draft.when, is } };
}

/** Whether a passing must have this value at a path. A number and its text are equal. */
export const isAlways = ({ when }: TaughtDraft, path: string, value: ConditionValue): boolean =>
  Object.hasOwn(when.is, path) && String(when.is[path]) === String(value);

function withPresence(draft: TaughtDraft, path: string): TaughtDraft {
  const { has } = draft.when;
  const others = has.filter((one) => one !== path);
  return { ...draft, when: { ...draft.when, has: others.length < has.length ? others : [...has, path] } };
}

function meant(draft: TaughtDraft, { fact, values, rest }: Press & { press: "mean" }): TaughtDraft {
  const field = draft.fields[fact];
  if (field === undefined) return draft;
  const made = { at: field.at, values, ...(rest === null ? {} : { else: rest }) };
  return { ...draft, fields: { ...draft.fields, [fact]: made } };
}

/** Whether the layout of the time has no zone, so that one must be known. */
export const needsZone = ({ fields: { time } }: TaughtDraft) => time?.as !== undefined && time.as !== "auto";

function inZone(draft: TaughtDraft, zone: string | null): TaughtDraft {
  const { time } = draft.fields;
  if (time === undefined) return draft;
  const { zone: _, ...rest } = time;
  return { ...draft, fields: { ...draft.fields, time: zone === null ? rest : { ...rest, zone } } };
}

/** The same facts, as they are called in the elements of a list. Values beside the list are no facts. */
function inList(draft: TaughtDraft, list: string | null): TaughtDraft {
  const { each, ...rest } = draft;
  const moved = (path: string) => pathWithin(list, each === undefined ? path : `${each}[0]${joint(path)}${path}`);
  const is = Object.entries(draft.when.is).flatMap(([path, value]) => {
    const at = moved(path);
    return at === null ? [] : [[at, value] as const];
  });
  return {
    ...rest,
    ...(list === null ? {} : { each: list }),
    when: { has: draft.when.has.flatMap((path) => moved(path) ?? []), is: Object.fromEntries(is) },
    fields: withPaths(draft.fields, moved),
    pictures: withPaths(draft.pictures, moved),
    signs: [],
  };
}

const joint = (path: string) => (path.startsWith("[") ? "" : ".");

/**
 * The path in an element of a list, or in the report; null for a value beside the list. XML does not tell a list of one
 * from its only element.
 */
export function pathWithin(list: string | null | undefined, path: string): string | null {
  if (list === null || list === undefined) return path;
  if (!path.startsWith(list)) return null;
  const [, ofElement, ofOnly, quoted] = /^(?:\[\d+\]\.?(.+)|\.(.+)|(\[".+))$/.exec(path.slice(list.length)) ?? [];
  return ofElement ?? ofOnly ?? quoted ?? null;
}

function pictureOf(fact: FactName): PictureKind | null {
  switch (fact) {
    case "pictures.face":
      return "face";
    case "pictures.scene":
      return "scene";
    case "pictures.registered":
      return "registered";
    case "pictures.infrared":
      return "infrared";
    default:
      return null;
  }
}

const fieldOf = (fact: FactName): FieldName | null => (pictureOf(fact) === null ? (fact as FieldName) : null);

/** The paths of a fact. */
export function pathsOf(draft: TaughtDraft, fact: FactName): string[] {
  const [picture, field] = [pictureOf(fact), fieldOf(fact)];
  const at = picture === null ? (field === null ? undefined : draft.fields[field]?.at) : draft.pictures[picture];
  // A level of the topic is no path.
  return at === undefined ? [] : [at].flat().filter((path) => typeof path === "string");
}

/** The fact that a path is; null if it is kept with the event. */
export const factAt = (draft: TaughtDraft, path: string): FactName | null =>
  factNames.find((fact) => pathsOf(draft, fact).includes(path)) ?? null;

/** The word that a value means by the table of its fact, or without a table; "" if it means none. */
export function meaningOf(draft: TaughtDraft, fact: WordFact, sent: string): string {
  const { values } = draft.fields[fact] ?? {};
  if (values !== undefined) return (values as Readonly<Record<string, string>>)[sent] ?? "";
  return usualWord(fact, sent);
}

/** Kinds of persons by their usual numbers. */
const kindsByNumber = ["employee", "visitor", "blacklist", "stranger", "vip"];

function usualWord(fact: WordFact, sent: string): string {
  const word = sent.trim().toLowerCase();
  const known = wordsOfFacts[fact].find((one) => one === word);
  if (known !== undefined) return known;
  return fact === "person.type" ? (kindsByNumber[Number(word) - 1] ?? "") : "";
}

/** The table of a fact after one value has got another word. "" leaves the value as it was sent. */
export function tableWith(
  draft: TaughtDraft,
  fact: WordFact,
  seen: readonly string[],
  [changed, word]: readonly [sent: string, word: string],
): Record<string, string> {
  const rows = seen.map((sent) => [sent, sent === changed ? word : meaningOf(draft, fact, sent)] as const);
  const taken = { ...draft.fields[fact]?.values };
  for (const [sent] of rows) delete (taken as Record<string, string>)[sent];
  const meant = rows.flatMap(([sent, meaning]) => {
    if (meaning !== "") return [[sent, meaning] as const];
    return isClosed(fact) ? [] : [[sent, sent] as const];
  });
  return { ...taken, ...Object.fromEntries(meant) };
}

/** Members of an answer that only the server writes. */
const ofServer = ["id", "rev", "today", "lastAt", "isExact"];

/** The draft of a mapping as the server answers it or a user has typed it. Null if it is none. */
export function taughtDraft(sent: unknown): TaughtDraft | null {
  if (typeof sent !== "object" || sent === null || !("name" in sent) || !("fields" in sent)) return null;
  const members = Object.entries(sent).filter(([name]) => !ofServer.includes(name));
  const mapping = Object.fromEntries(members) as unknown as Sent;
  const { box = null, when, pictures = {}, signs = [] } = mapping;
  return { ...mapping, box, when: { has: when?.has ?? [], is: when?.is ?? {} }, pictures, signs };
}
