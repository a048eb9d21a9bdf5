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
import type { KnownPerson, PersonAt, StoredPassing } from "./stored.ts";

/**
 * `person HASH`: a known person at a box, by the first passing of its latest day (UTC), or by one with another group since.
 * `known` and `group` are empty if the event has none. A store that can list the people of a box by its events needs no profiles.
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
    /** 1: that passing has no name, and `known` is of an earlier one. */
    carried: z.optional(z.int()),
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
  /** The newest passing of a person at a box; null if there is none. */
  newest(box: string, key: string): Promise<StoredPassing | null>;
}

/** The members of a profile that a process remembers. */
interface Remembered {
  day: number;
  first: number;
  group: string;
  known: string;
}

/**
 * The profiles of known people. Each is written once a day, and when the group of its person changes; it is removed with
 * the last event of its person.
 */
export class Profiles {
  readonly #deps: Deps;
  /** The profiles that this process has written or seen. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Notes a passing that is stored. */
  async note(passing: StoredPassing): Promise<void> {
    const { person, box } = passing;
    if (person === null) return;
    const id = profileId(box, person.key);
    const day = dayOf(passing);
    const record = recordOf(passing);
    const held = this.#remembered.get(id);
    const isNoted = held !== undefined && (held.day > day || (held.day === day && isEqual(held, record)));
    if (isNoted && held.first <= day) return;
    const isLater = any(compare("day", "<", day), all(equals("day", day), compare("passedAt", "<", passing.at)));
    const { applied, previous } = await this.#deps.items.write(changeOf(id, record, any(absent(), isLater)));
    const before = previous === null ? null : profiles.readable(previous);
    // A profile of an earlier version does not tell its first day.
    const first = before === null ? day : Math.min(before.first ?? 0, day);
    if (before !== null && before.first !== first) {
      await this.#deps.items.write(profiles.change(id, { set: { first }, when: compare("first", ">", first) }));
    }
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    const noted = applied || before === null ? record : before;
    this.#remembered.set(id, { day: noted.day, group: noted.group, known: noted.known, first });
  }

  /** Notes that the event of a passing is removed: its profile follows the newest event that is left. */
  async noteRemoved(passing: StoredPassing): Promise<void> {
    const { person, box } = passing;
    if (person === null) return;
    const id = profileId(box, person.key);
    this.#remembered.delete(id);
    const item = await this.#deps.items.get(profiles.pk(id));
    const held = item === null ? null : profiles.readable(item);
    const isLater = held !== null && held.day > dayOf(passing);
    // The name may be the one of the removed event.
    if (item === null || (isLater && (held.carried !== 1 || person.name === null))) return;
    const newest = await this.#deps.newest(box, person.key);
    // A passing that was noted meanwhile stays.
    const isAsRead = held === null ? all() : equals("day", held.day);
    if (newest === null) await this.#deps.items.remove(profiles.pk(id), isAsRead);
    else await this.#deps.items.write({ ...profiles.record(id, recordOf(newest), isAsRead), remove: ["carried"] });
  }

  /** The people of boxes. One that was noted within the last second may be missing on AWS. */
  async of(boxes: readonly string[]): Promise<KnownPerson[]> {
    const found: KnownPerson[] = [];
    for (const box of boxes) {
      for await (const { item } of this.#deps.items.list({ lists: [listOfBox(box)], order: "ascending" })) {
        const held = profiles.readable(item);
        if (held === null) continue;
        const { key, id, known, type, group, day, first = null, score = null, carried = 0 } = held;
        const facts = { key, id, name: (carried === 0 && known) || null, type, group: group || null };
        found.push({ ...facts, box, day, at: null, score, first, search: searchText(facts) });
      }
    }
    return found;
  }

  /** The name of each person at some boxes, of the profile of the latest day; null if none is known. */
  async named(people: readonly PersonAt[]): Promise<(string | null)[]> {
    return inGroups(people, async ({ key, boxes }) => {
      let [name, latest]: [string | null, number] = [null, Number.NEGATIVE_INFINITY];
      for await (const { item } of this.#deps.items.list({ lists: [listOfKey(key)], order: "ascending" })) {
        const held = profiles.readable(item);
        if (held === null || held.known === "" || held.day <= latest || !boxes.includes(held.box)) continue;
        [name, latest] = [held.known, held.day];
      }
      return name;
    });
  }

  /** Removes the profiles of boxes. */
  async removeAt(boxes: readonly string[]): Promise<void> {
    this.#remembered.clear();
    for (const box of boxes) await removeListed(listOfBox(box), this.#deps.items);
  }
}

function dayOf({ at }: StoredPassing): number {
  return Math.floor(at / dayMs);
}

/** Whether a passing of the same day adds nothing: its group is noted, and its name, if it has one. */
function isEqual(held: Remembered, { group, known }: { group: string; known: string }): boolean {
  return held.group === group && (known === "" || held.known !== "");
}

/** A passing without a name leaves the name that is known. */
function changeOf(id: string, record: ReturnType<typeof recordOf>, when: Condition): Change {
  const { known, day } = record;
  const change = profiles.record(id, record, when);
  if (known !== "") return { ...change, setIfAbsent: { first: day }, remove: ["carried"] };
  const { known: _, ...set } = change.set ?? {};
  return { ...change, set: { ...set, carried: 1 }, setIfAbsent: { first: day, known } };
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

function recordOf({ box, person, ...passing }: StoredPassing) {
  const { key = "", id = "", name = null, type = "unknown", group = null } = person ?? {};
  return {
    box,
    key,
    id,
    known: name ?? "",
    type,
    group: group ?? "",
    day: dayOf({ box, person, ...passing }),
    passedAt: passing.at,
    score: passing.score,
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
