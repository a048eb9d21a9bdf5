import { comparable, dayMs, idOf, personTypes } from "@gatepost/protocol";
import { absent, all, any, compare, equals, type Items, type List, placeAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { searchText } from "./pinyin.ts";
import { removeListed } from "./settings.ts";
import type { KnownPerson, StoredPassing } from "./stored.ts";

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
  }),
);

const listOfBox = (box: string): List => ({ index: "byBox", name: `people ${box}` });
const listOfKey = (key: string): List => ({ index: "byPerson", name: `people ${idOf("per", [key])}` });
const profileId = (box: string, key: string) => idOf("per", [box, key]);

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
    const isNoted = held !== undefined && (held.day > day || (held.day === day && held.group === record.group));
    if (isNoted && held.first <= day) return;
    const isLater = any(compare("day", "<", day), all(equals("day", day), compare("passedAt", "<", passing.at)));
    const change = profiles.record(id, record, any(absent(), isLater));
    const { applied, previous } = await this.#deps.items.write({ ...change, setIfAbsent: { first: day } });
    const before = previous === null ? null : profiles.readable(previous);
    // A profile of an earlier version does not tell its first day.
    const first = before === null ? day : Math.min(before.first ?? 0, day);
    if (before !== null && before.first !== first) {
      await this.#deps.items.write(profiles.change(id, { set: { first }, when: compare("first", ">", first) }));
    }
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    const noted = applied || before === null ? record : before;
    this.#remembered.set(id, { day: noted.day, group: noted.group, first });
  }

  /** Notes that the event of a passing is removed: its profile follows the newest event that is left. */
  async noteRemoved(passing: StoredPassing): Promise<void> {
    const { person, box } = passing;
    if (person === null) return;
    const id = profileId(box, person.key);
    this.#remembered.delete(id);
    const item = await this.#deps.items.get(profiles.pk(id));
    const held = item === null ? null : profiles.readable(item);
    if (item === null || (held !== null && held.day > dayOf(passing))) return;
    const newest = await this.#deps.newest(box, person.key);
    // A passing that was noted meanwhile stays.
    const isAsRead = held === null ? all() : equals("day", held.day);
    if (newest === null) await this.#deps.items.remove(profiles.pk(id), isAsRead);
    else await this.#deps.items.write(profiles.record(id, recordOf(newest), isAsRead));
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
        found.push({ ...facts, box, day, at: null, score, first, search: searchText(facts) });
      }
    }
    return found;
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
