import { isEvent, isObject, type Json, type JsonObject } from "@gatepost/protocol";
import { isOfAnswers, listMembers } from "./batch.ts";
import { carried, envelopeOf, type Found, saysSomething, whole } from "./found.ts";
import { parseNested, readStructure } from "./parse-nested.ts";
import { readPayload } from "./payload.ts";

/** How many nested members are searched for a report. */
const maxLevels = 3;

/** A text of so few characters is surely just a name or a number. */
const maxWord = 64;

/**
 * Finds the reports within a value that is not a report itself: in a list, in each member that is a list with reports,
 * else in the only member that has any, as integrators wrap them. Null where the value is to be taken as it is.
 */
export function unwrap(value: Json): Found[] | null {
  const search = new Search();
  if (Array.isArray(value)) return search.items(value);
  if (!isObject(value) || isEvent(value)) return null;
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
  #misses = 0;

  /** The reports of a list. Each item gives at least one. */
  items(list: readonly Json[]): Found[] {
    return list.flatMap((item) => {
      const found = this.#reports(item, maxLevels);
      return found.length > 0 ? found : [asItIs(item)];
    });
  }

  /** Lists count first: what a sender repeats beside them is not another report. */
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

  /** All reports of a value that contains an event; none where it contains no event. */
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
    return levels === 0 ? [] : this.members(body, levels);
  }

  #inText(text: string, levels: number): Found[] {
    const payload = readPayload(text);
    if (payload === undefined) return [];
    const found = payload === null ? [] : this.#reports(payload.value, levels);
    if (payload === null || found.length === 0) {
      this.#misses += missesOfText;
      return [];
    }
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

/** The event that a body is, also where its nested members came as texts; null where it is not an event. */
function eventOf(body: JsonObject): Found | null {
  const hasTexts = typeof body["ext_data"] === "string" || typeof body["common"] === "string";
  // A copy: a body that turns out not to be an event must stay as it was sent.
  const value = hasTexts ? structuredClone(body) : body;
  const flags = hasTexts || isEvent(body) ? parseNested(value) : [];
  return isEvent(value) ? { value, flags, isLossy: false, source: () => body } : null;
}

function isWord(value: Json): boolean {
  return typeof value === "string" ? value.length <= maxWord : !saysSomething(value) || typeof value !== "object";
}
