import { comparable, dayMs, idOf, personTypes } from "@gatepost/protocol";
import {
  absent,
  all,
  any,
  type Change,
  type Condition,
  compare,
  equals,
  type Items,
  type List,
  placeAt,
} from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { searchText } from "./pinyin.ts";
import { removeListed } from "./settings.ts";
import {
  type KnownPerson,
  latestNamed,
  latestOf,
  type PassingReader,
  type PersonAt,
  readBack,
  type StoredPassing,
} from "./stored.ts";

/**
 * `person HASH`: a known person at a box, by the first passing of its latest day (UTC), or by one with another group or name
 * since. `group` is empty if the event has none, `known` if no event of the person has a name. A store that can list the
 * people of a box by its events needs no profiles.
 */
const profiles = new RecordKind(
  "person ",
  z.object({
    box: z.string(),
    key: z.string(),
    id: z.string(),
    known: z.string(),
    type: z.enum(personTypes),
    group: z.string(),
    day: z.int(),
    /** The counted time of that passing, ms. */
    passedAt: z.optional(z.int()),
    /** No passing is before this day; absent: not known. */
    first: z.optional(z.int()),
    /** Absent if there is none. */
    score: z.optional(z.number()),
    /** The counted time of the passing that has the name `known`, ms; absent if there is none. */
    namedAt: z.optional(z.int()),
  }),
);

const listOfBox = (box: string): List => ({ index: "byBox", name: `people ${box}` });
const listOfKey = (key: string): List => ({ index: "byPerson", name: `people ${idOf("per", [key])}` });
const profileId = (box: string, key: string) => idOf("per", [box, key]);

/** People who are asked about at the same time. */
const atOnce = 16;

/** Profiles whose day a process remembers. */
const maxRemembered = 20_000;

interface Deps {
  items: Pick<Items, "get" | "write" | "remove" | "list">;
  /** Reads passings of one person at a box. */
  read: PassingReader["read"];
}

/** The members of a profile that a process remembers. */
interface Remembered {
  day: number;
  first: number;
  group: string;
  known: string;
  namedAt: number | null;
  /** Whether its latest name has yet to be found in the events: a store failed. */
  isUnsure: boolean;
}

/**
 * The profiles of known people. Each is written once a day, and when the group or the name of its person changes; it is
 * removed with the last event of its person.
 */
export class Profiles {
  readonly #deps: Deps;
  /** The profiles that this process has written or seen. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Notes a passing that is stored.
   *
   * @param mayHaveBeenForgotten whether profiles may have been removed while their events stayed: then the name of a new
   *   one is looked for among all events of its person, which takes 16 queries on AWS
   */
  async note(passing: StoredPassing, mayHaveBeenForgotten = false): Promise<void> {
    const { person, box, at } = passing;
    if (person === null) return;
    const id = profileId(box, person.key);
    const held = this.#remembered.get(id);
    if (held !== undefined && isNoted(passing, held)) return;
    const [day, record] = [dayOf(at), recordOf(passing, passing)];
    const isLater = any(compare("day", "<", day), all(equals("day", day), compare("passedAt", "<", at)));
    const { applied, previous } = await this.#deps.items.write(changeOf(id, record, any(absent(), isLater)));
    const before = previous === null ? null : profiles.readable(previous);
    if (!applied) await this.#noteName(id, passing);
    // A profile of an earlier version does not tell its first day.
    const first = before === null ? day : Math.min(before.first ?? 0, day);
    if (before !== null && before.first !== first) {
      await this.#deps.items.write(profiles.change(id, { set: { first }, when: compare("first", ">", first) }));
    }
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    const noted = applied || before === null ? record : before;
    const isUnsure = held?.isUnsure === true || mayMissName(passing, before, mayHaveBeenForgotten);
    this.#remembered.set(id, { day: noted.day, group: noted.group, ...laterName(passing, before), first, isUnsure });
    if (isUnsure) await this.#readName(id, passing);
  }

  /** Notes the name of a passing, unless a later one is known. Of the same ms, the one that is noted last stays. */
  async #noteName(id: string, { person, at }: StoredPassing): Promise<void> {
    const known = person?.name ?? "";
    if (known === "") return;
    const isLater = any(equals("known", ""), compare("namedAt", "<=", at));
    await this.#deps.items.write(profiles.change(id, { set: { known, namedAt: at }, when: isLater }));
  }

  /** Finds the latest name of a person in the events. */
  async #readName(id: string, passing: StoredPassing): Promise<void> {
    const named = latestOf((await this.#readBack(passing, isNamed)).filter(isNamed));
    if (named !== null) await this.#noteName(id, named);
    this.#remembered.delete(id);
  }

  /** Notes that the event of a passing is removed: its profile follows the newest events that are left. */
  async noteRemoved(passing: StoredPassing): Promise<void> {
    const { person, box } = passing;
    if (person === null) return;
    const id = profileId(box, person.key);
    this.#remembered.delete(id);
    const item = await this.#deps.items.get(profiles.pk(id));
    const held = item === null ? null : profiles.readable(item);
    const mayHaveName = held === null || hasNameOf(passing, held);
    if (item === null || (held !== null && held.day > dayOf(passing.at) && !mayHaveName)) return;
    const left = await this.#readBack(passing, mayHaveName ? isNamed : () => true);
    const newest = latestOf(left);
    // A passing, or a name, that was noted meanwhile stays.
    const isAsRead = held === null ? all() : all(equals("day", held.day), equals("known", held.known));
    if (newest === null) {
      await this.#deps.items.remove(profiles.pk(id), isAsRead);
      return;
    }
    const record = recordOf(newest, latestOf(left.filter(isNamed)));
    const change = profiles.record(id, record, isAsRead);
    if (!mayHaveName) await this.#deps.items.write(withoutName(change));
    else await this.#deps.items.write({ ...change, remove: record.known === "" ? ["namedAt"] : [] });
  }

  /** The passings of the same person at the same box, back to the last one that is meant. */
  #readBack({ person, box }: StoredPassing, isMeant: (passing: StoredPassing) => boolean): Promise<StoredPassing[]> {
    return readBack({ key: person?.key ?? "", boxes: [box], to: farTo }, isMeant, this.#deps.read);
  }

  /** The people of boxes. One that was noted within the last second may be missing on AWS. */
  async of(boxes: readonly string[]): Promise<KnownPerson[]> {
    const found: KnownPerson[] = [];
    for (const box of boxes) {
      for await (const { item } of this.#deps.items.list({ lists: [listOfBox(box)], order: "ascending" })) {
        const held = profiles.readable(item);
        if (held === null) continue;
        const { key, id, known, type, group, day, first = null, score = null } = held;
        const facts = { key, id, name: known || null, type, group: group || null };
        found.push({ ...facts, box, day, at: null, score, first, namedAt: namedAtOf(held), search: searchText(facts) });
      }
    }
    return found;
  }

  /** The name of each person at some boxes, as its latest passing with a name has it; null if none is known. */
  async named(people: readonly PersonAt[]): Promise<(string | null)[]> {
    return inGroups(people, async ({ key, boxes }) => {
      const found: Pick<KnownPerson, "box" | "name" | "namedAt">[] = [];
      for await (const { item } of this.#deps.items.list({ lists: [listOfKey(key)], order: "ascending" })) {
        const held = profiles.readable(item);
        if (held === null || !boxes.includes(held.box)) continue;
        found.push({ box: held.box, name: held.known || null, namedAt: namedAtOf(held) });
      }
      return latestNamed(found)?.name ?? null;
    });
  }

  /** Removes the profiles of boxes. */
  async removeAt(boxes: readonly string[]): Promise<void> {
    this.#remembered.clear();
    for (const box of boxes) await removeListed(listOfBox(box), this.#deps.items);
  }
}

function dayOf(at: number): number {
  return Math.floor(at / dayMs);
}

/** After every time of an event. */
const farTo = Date.UTC(3000, 0);

const isNamed = ({ person }: StoredPassing) => person !== null && person.name !== null;

type Profile = NonNullable<ReturnType<(typeof profiles)["readable"]>>;

function namedAtOf({ known, namedAt, day }: Profile): number | null {
  return known === "" ? null : (namedAt ?? day * dayMs);
}

/** Whether a passing adds nothing to a remembered profile. */
function isNoted({ person, at }: StoredPassing, held: Remembered): boolean {
  const { day: noted, first, group, known, namedAt } = held;
  const [day, name] = [dayOf(at), person?.name ?? null];
  if (held.isUnsure || first > day || noted < day || (noted === day && group !== (person?.group ?? ""))) return false;
  return name === null || (namedAt !== null && (namedAt > at || (known === name && dayOf(namedAt) === day)));
}

/** The later one of the name of a passing and the one of a profile. */
function laterName({ person, at }: StoredPassing, before: Profile | null): Pick<Remembered, "known" | "namedAt"> {
  const [known, namedAt] = before === null ? ["", null] : [before.known, namedAtOf(before)];
  const name = person?.name ?? "";
  return name !== "" && at > (namedAt ?? Number.NEGATIVE_INFINITY) ? { known: name, namedAt: at } : { known, namedAt };
}

/** A profile that was forgotten does not know the earlier names, and none knows whether a name of its day was seen again. */
function mayMissName(passing: StoredPassing, before: Profile | null, mayHaveBeenForgotten: boolean): boolean {
  return before === null ? mayHaveBeenForgotten && !isNamed(passing) : isRenamed(passing, before);
}

/** Whether a passing has another name than one of the same day that a profile has. */
function isRenamed({ person, at }: StoredPassing, before: Profile): boolean {
  const [name, namedAt] = [person?.name ?? null, namedAtOf(before)];
  return name !== null && namedAt !== null && before.known !== name && at >= namedAt && dayOf(at) === dayOf(namedAt);
}

/** Whether the name of a profile may be of a passing. */
function hasNameOf({ person, at }: StoredPassing, held: Profile): boolean {
  const namedAt = namedAtOf(held);
  return namedAt !== null && held.known === person?.name && dayOf(namedAt) === dayOf(at);
}

/** A passing without a name leaves the name that is known. */
function changeOf(id: string, record: ReturnType<typeof recordOf>, when: Condition): Change {
  const { known, day } = record;
  const change = profiles.record(id, record, when);
  if (known !== "") return { ...change, setIfAbsent: { first: day } };
  return { ...withoutName(change), setIfAbsent: { first: day, known } };
}

function withoutName({ set: { known: _, namedAt: __, ...set } = {}, ...change }: Change): Change {
  return { ...change, set };
}

/** The results of a question about each person, some at the same time. */
async function inGroups<Result>(
  people: readonly PersonAt[],
  ask: (person: PersonAt) => Promise<Result>,
): Promise<Result[]> {
  const found: Result[] = [];
  for (let from = 0; from < people.length; from += atOnce) {
    found.push(...(await Promise.all(people.slice(from, from + atOnce).map(ask))));
  }
  return found;
}

/** The profile of a person by a passing, with the name of another one. */
function recordOf({ box, person, at, score }: StoredPassing, named: StoredPassing | null) {
  const { key = "", id = "", type = "unknown", group = null } = person ?? {};
  const known = named?.person?.name ?? "";
  return {
    box,
    key,
    id,
    known,
    namedAt: known === "" ? undefined : named?.at,
    type,
    group: group ?? "",
    day: dayOf(at),
    passedAt: at,
    score,
    byBox: listOfBox(box).name,
    byPerson: listOfKey(key).name,
    at: placeAt(0, profileId(box, key)),
  };
}

/** Removes the profiles of an erased person: at one box, or at every one (null). */
export async function eraseProfiles(
  { person, box }: { person: string; box: string | null },
  items: Pick<Items, "list" | "remove">,
): Promise<void> {
  const range = { lists: [listOfKey(comparable(person))], order: "ascending" } as const;
  for await (const { pk, item } of items.list(range)) {
    if (box === null || item["box"] === box) await items.remove(pk);
  }
}
