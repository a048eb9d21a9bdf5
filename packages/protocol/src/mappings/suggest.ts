import { isObject, type Json, type JsonObject } from "../json.ts";
import { type PersonType, personTypes } from "../person.ts";
import { type PictureKind, pictureKinds } from "../picture.ts";
import { pathOf, type Steps, valueOn } from "../steps.ts";
import { elementsOf } from "./find.ts";
import type { MappingDraft } from "./mapping.ts";
import { type FieldName, type Leaf, leavesOf, type Meaning, mayBe, signWords } from "./may.ts";

/** Leaves that are looked at in all reports together and in one of them; reports, and lists. */
const limits = { leaves: 5000, leavesOfOne: 500, reports: 200, lists: 8, elements: 20 };

/** A decoded body. */
export interface KeptBody {
  value: JsonObject;
  /** ms since 1970. */
  receivedAt: number;
}

/** A report with the meanings of its leaves, by their paths. */
interface Read {
  value: Json;
  leaves: readonly Leaf[];
  meanings: ReadonlyMap<string, readonly Meaning[]>;
}

/** A computation in steps of a few ms: the caller lets other requests have their turns between them. */
type InTurns<Result> = Generator<undefined, Result, undefined>;

/**
 * A mapping for some bodies of one format, by their names and values, as far as all passings of them agree. It may lack
 * anything, even conditions.
 */
export function* suggest(bodies: readonly KeptBody[]): InTurns<Omit<MappingDraft, "name" | "box">> {
  const whole = yield* readAll(bodies);
  const list = yield* listIn(bodies, whole);
  const reports = list === null ? whole : yield* elementsIn(bodies, list, limits.reports);
  const found = reports.filter(isPassing);
  const signs = signsOf(whole.concat(list === null ? [] : reports).filter((one) => !found.includes(one)));
  const passings = found.length > 0 ? found : reports.filter((one) => lifeSign(one) === null);
  const others = reports.filter((one) => !passings.includes(one));
  const { places, pictures } = placesOf(passings);
  return {
    isOn: true,
    ...(list !== null && { each: pathOf(list) }),
    when: whenOf(passings, others, [...places.values(), ...Object.values(pictures)]),
    kind: "history",
    fields: fieldsOf(places, passings),
    pictures,
    signs,
  };
}

/** Reads some values, one in a step. */
function* readAll(values: readonly (Pick<KeptBody, "receivedAt"> & { value: Json })[]): InTurns<Read[]> {
  const most = Math.min(limits.leavesOfOne, Math.ceil(limits.leaves / values.length));
  const isInList = ({ steps }: Leaf) => steps.some((step, at) => typeof step === "number" && at < steps.length - 1);
  const read: Read[] = [];
  for (const { value, receivedAt } of values) {
    yield;
    const leaves = leavesOf(value, most).leaves.filter((leaf) => !isInList(leaf));
    // The zone would tell which instant a time is, and nothing about its layout.
    const likely = (leaf: Leaf) => mayBe(leaf, { receivedAt, zone: null }).filter(isLikely);
    const meanings = new Map(leaves.map((leaf) => [leaf.path, likely(leaf)]));
    read.push({ value, leaves, meanings });
  }
  return read;
}

function isLikely({ field, weight }: Meaning): boolean {
  return weight > 1 || field.startsWith("pictures.");
}

/** The fields that show that a report is about a passing, beside its time. */
const ofPerson: readonly Meaning["field"][] = ["person.id", "person.name", "card", "pictures.face", "pictures.scene"];

function isPassing({ meanings }: Read): boolean {
  const all = [...meanings.values()].flat();
  const has = (fields: readonly Meaning["field"][], least: number) =>
    all.some(({ field, weight }) => fields.includes(field) && weight >= least);
  return has(["time"], 1.5) && has(ofPerson, 2);
}

/**
 * The list in the bodies whose elements are passings; null if there is none. A body that is a passing itself has an only
 * element there, as XML sends it.
 */
function* listIn(bodies: readonly KeptBody[], whole: readonly Read[]): InTurns<Steps | null> {
  const found = whole.filter(isPassing);
  if (found.length === whole.length) return null;
  const lists = new Map(bodies.flatMap(({ value }) => listsOf(value)).map((list) => [pathOf(list), list]));
  const ofAll = [...lists.values()].filter((list) => found.every(({ value }) => isObject(valueOn(value, list))));
  for (const list of ofAll.slice(0, limits.lists))
    if ((yield* elementsIn(bodies, list, limits.elements)).some(isPassing)) return list;
  return null;
}

function listsOf(value: JsonObject, before: Steps = []): Steps[] {
  return Object.keys(value).flatMap((name): Steps[] => {
    const [inner, steps] = [value[name], [...before, name]];
    if (Array.isArray(inner)) return inner.some((element) => typeof element === "object") ? [steps] : [];
    return isObject(inner) && steps.length < 4 ? listsOf(inner, steps) : [];
  });
}

function* elementsIn(bodies: readonly KeptBody[], list: Steps, most: number): InTurns<Read[]> {
  const elements = bodies.flatMap(({ value, receivedAt }) =>
    elementsOf(value, list)
      .slice(0, most)
      .map((element) => ({ value: element, receivedAt })),
  );
  return yield* readAll(elements.slice(0, most));
}

/** Names of members that say which type a message is of. */
const typeNames =
  /^(?:(?:event|msg|message|notify|info|report|data|log)?[-_ ]?(?:type|kind|name)|event|op|operator|operation|cmd|command|action|method|topic|function|api|category)$/i;

function typesOf({ leaves, meanings }: Read): Leaf[] {
  const isType = ({ path, steps, value }: Leaf) =>
    typeof value === "string" &&
    /^\p{L}[\p{L}\p{M}\d ._:/-]{1,59}$/u.test(value) &&
    typeNames.test(String(steps.at(-1))) &&
    methodOf(value) === null &&
    !meanings.get(path)?.some(({ field, weight }) => field.startsWith("person.") && weight > 1);
  return leaves.filter(isType).toSorted((a, b) => a.steps.length - b.steps.length);
}

/** The type of a message that only shows that its sender is there; null for any other. */
function lifeSign(report: Read): Leaf | null {
  return typesOf(report).find(({ value }) => signWords.test(String(value))) ?? null;
}

function signsOf(others: readonly Read[]): MappingDraft["signs"] {
  const found = new Map<string, MappingDraft["signs"][number]>();
  for (const { path, value } of others.flatMap((one) => lifeSign(one) ?? []))
    found.set(`${path} ${value}`, { when: { has: [], is: { [path]: value } }, sign: "heartbeat" });
  return [...found.values()].slice(0, 8);
}

/** The type that all passings have and no other report; else members that only they have. */
function whenOf(passings: readonly Read[], others: readonly Read[], taken: readonly string[]): MappingDraft["when"] {
  const [first] = passings;
  if (first === undefined) return { has: [], is: {} };
  const hasValue = (report: Read, { path, value }: Leaf) =>
    report.leaves.some((one) => one.path === path && one.value === value);
  const type = typesOf(first).find(
    (leaf) => passings.every((one) => hasValue(one, leaf)) && !others.some((one) => hasValue(one, leaf)),
  );
  if (type !== undefined) return { has: [], is: { [type.path]: type.value } };
  const inAll = first.leaves
    .map(({ path }) => path)
    .filter((path) => passings.every(({ meanings }) => meanings.has(path)));
  const ranked = [...taken.filter((path) => inAll.includes(path)), ...inAll.filter((path) => !taken.includes(path))];
  const has: string[] = [];
  let left = [...others];
  for (const path of ranked) {
    const isNeeded = has.length < 2 || left.some(({ meanings }) => !meanings.has(path));
    if (!isNeeded || has.length === 4) continue;
    has.push(path);
    left = left.filter(({ meanings }) => meanings.has(path));
    if (has.length >= 2 && left.length === 0) break;
  }
  return { has, is: {} };
}

/** Fields in the order in which they choose their values. */
const order: readonly FieldName[] = [
  "time",
  "enteredAt",
  "leftAt",
  "person.id",
  "person.name",
  "device.id",
  "device.name",
  "device.ip",
  "device.direction",
  "person.type",
  "result",
  "method",
  "card",
  "score",
  "attributes.temperature",
  "attributes.mask",
  "attributes.age",
  "attributes.gender",
  "attributes.glasses",
  "person.group",
  "reason",
];

/** The paths of the fields and pictures that all passings have. */
function placesOf(passings: readonly Read[]): {
  places: Map<FieldName, string>;
  pictures: Partial<Record<PictureKind, string>>;
} {
  const paths = passings[0]?.leaves.map(({ path }) => path) ?? [];
  const taken = new Set<string>();
  const weights = weightsIn(passings);
  const take = (field: Meaning["field"], least: number): string | undefined => {
    const [best] = paths
      .filter((path) => !taken.has(path))
      .map((path) => ({ path, weight: weights.get(`${field} ${path}`) ?? 0 }))
      .filter(({ weight }) => weight >= least)
      .toSorted((a, b) => b.weight - a.weight);
    if (best !== undefined) taken.add(best.path);
    return best?.path;
  };
  const places = new Map<FieldName, string>();
  const pictures: Partial<Record<PictureKind, string>> = {};
  for (const field of order) {
    const path = take(field, field === "time" ? 1.5 : 2);
    if (path !== undefined) places.set(field, path);
  }
  for (const kind of pictureKinds) {
    const path = take(`pictures.${kind}`, 3);
    if (path !== undefined) pictures[kind] = path;
  }
  // A picture whose name says nothing else is the face, as every only one is.
  if (pictures.face === undefined && pictures.scene === undefined) {
    const path = take("pictures.face", 1);
    if (path !== undefined) pictures.face = path;
  }
  return { places, pictures };
}

/** The least weight of each meaning that a path has in all passings, by field and path. */
function weightsIn(passings: readonly Read[]): Map<string, number> {
  const found = new Map<string, { least: number; count: number }>();
  for (const { meanings } of passings)
    for (const [path, all] of meanings)
      for (const [field, weight] of new Map(all.toReversed().map((one) => [one.field, one.weight]))) {
        const { least = weight, count = 0 } = found.get(`${field} ${path}`) ?? {};
        found.set(`${field} ${path}`, { least: Math.min(least, weight), count: count + 1 });
      }
  const inAll = [...found].filter(([, { count }]) => count === passings.length);
  return new Map(inAll.map(([key, { least }]) => [key, least]));
}

function fieldsOf(places: ReadonlyMap<FieldName, string>, passings: readonly Read[]): MappingDraft["fields"] {
  const fields = [...places].flatMap(([field, at]) => {
    const read = fieldOf(field, at, passings);
    return read === null ? [] : [[field, read] as const];
  });
  return Object.fromEntries(fields);
}

/** How a field is read; null if its values are in no table, or have no layout together. */
function fieldOf(field: FieldName, at: string, passings: readonly Read[]): object | null {
  if (field === "time" || field === "enteredAt" || field === "leftAt") {
    const as = layoutOf(field, at, passings);
    return as === undefined ? null : { at, as };
  }
  const leaves = passings.flatMap((one) => one.leaves).filter(({ path }) => path === at);
  const values = leaves.map(({ value }) => value);
  if (field === "score") return { at, of: values.every((value) => Number(value) <= 1) ? 1 : 100 };
  if (!isWorded(field)) return { at };
  const rows = rowsOf(field, [...new Set(values.map(String))]);
  return rows === null ? null : { at, values: rows };
}

/** The likeliest layout of the times of all passings. */
function layoutOf(field: FieldName, at: string, passings: readonly Read[]): Meaning["as"] {
  const [first = [], ...others] = passings.map(({ meanings }) =>
    [...meanings].flatMap(([path, all]) => all.flatMap((one) => (path === at && one.field === field ? [one.as] : []))),
  );
  return first.find((as) => others.every((all) => all.includes(as)));
}

const methods = ["face", "card", "fingerprint", "palm", "iris", "password", "qr"] as const;

function methodOf(value: string): string | null {
  const word = value.toLowerCase();
  return methods.find((method) => word.includes(method)) ?? (/\bnfc|rfid|badge/.test(word) ? "card" : null);
}

function typeOf(word: string): PersonType | null {
  const named = personTypes.find((type) => word === type);
  if (named !== undefined) return named;
  if (/^(?:staff|user|member|worker|resident|员工)$/.test(word)) return "employee";
  return /^(?:guest|访客)$/.test(word) ? "visitor" : null;
}

type Worded = "device.direction" | "result" | "person.type" | "method";

/** The facts that words name. */
const wordsOf: Readonly<Record<Worded, (word: string) => string | null>> = {
  "device.direction": (word) =>
    /^(?:in|entry|enter|entrance|inbound|checkin|进|入)$/.test(word)
      ? "in"
      : /^(?:out|exit|leave|outbound|checkout|出)$/.test(word)
        ? "out"
        : null,
  result: (word) =>
    /den(?:y|ied)|fail|refus|reject|forbid|^false$|invalid/.test(word)
      ? "denied"
      : /grant|allow|success|^(?:pass(?:ed)?|ok|true)$|permit/.test(word)
        ? "granted"
        : null,
  "person.type": typeOf,
  method: methodOf,
};

function isWorded(field: FieldName): field is Worded {
  return field in wordsOf;
}

/** The rows of the values that were seen; null if none is known: numbers say nothing, a person must. */
function rowsOf(field: Worded, values: readonly string[]): Record<string, string> | null {
  const rows = values.flatMap((value) => {
    const fact = wordsOf[field](value.trim().toLowerCase());
    return fact === null ? [] : [[value, fact]];
  });
  return rows.length > 0 ? Object.fromEntries(rows) : null;
}
