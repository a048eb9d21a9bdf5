import {
  isFound,
  type KnownPerson,
  lastPassingBefore,
  type PersonFacts,
  type StoredPassing,
  soughtPerson,
} from "@gatepost/core/people";
import { Zone } from "@gatepost/core/zones";
import { comparable, dayMs, shortName } from "@gatepost/protocol";
import { cursorAt, startAfter } from "../page.ts";
import type { ApiPorts } from "../ports.ts";
import { inTurns } from "./in-turns.ts";
import {
  asOne,
  librariesOf,
  nameOrder,
  type PeoplePorts,
  peopleIn,
  personKeyIn,
  readPassed,
  readPassings,
} from "./passed.ts";

/** Days of the row of a person. */
export const shownDays = 14;

/** Filters of people. Absent members do not filter. Times are ms since 1970. */
export interface PeopleFilter {
  q?: string | undefined;
  kinds?: readonly PersonFacts["type"][] | undefined;
  group?: string | undefined;
  seenAfter?: number | undefined;
  seenBefore?: number | undefined;
  /** In percent. */
  scoreBelow?: number | undefined;
}

/** A known person of a library. */
export interface ListedPerson {
  library: string;
  boxes: readonly string[];
  person: KnownPerson;
}

/** The people who match, in no order. `seenAfter` and `seenBefore` are looked at by days alone. */
export async function matching(filter: PeopleFilter, deps: PeoplePorts): Promise<ListedPerson[]> {
  const [libraries, known] = await Promise.all([
    librariesOf(deps),
    deps.boxes.reader.names().then((boxes) => deps.passings.known(boxes)),
  ]);
  const sought = filter.q === undefined ? null : soughtPerson(filter.q);
  const isSought = ({ search }: KnownPerson) => sought === null || isFound(search, sought);
  const found: ListedPerson[] = [];
  const look = (person: KnownPerson, at: readonly KnownPerson[]) => {
    if (!isMatch(person, at, filter)) return;
    found.push({ library: libraries.of(person.box), boxes: at.map(({ box }) => box), person });
  };
  // Several of them can be one person only at boxes that share their people.
  const shared: KnownPerson[] = [];
  // The people of a box follow each other, so its library is asked for once.
  let [box, isAlone] = ["", false];
  await inTurns(known, peopleATurn, (one) => {
    if (one.box !== box) [box, isAlone] = [one.box, libraries.of(one.box) === one.box];
    if (!isAlone) shared.push(one);
    else if (isSought(one)) look(one, [one]);
  });
  await inTurns(peopleIn(shared, libraries).values(), peopleATurn, (at) => {
    const person = asOne(at);
    if (person !== undefined && isSought(person)) look(person, at);
  });
  return found;
}

function isMatch(person: KnownPerson, at: readonly KnownPerson[], filter: PeopleFilter): boolean {
  const { kinds, group, seenAfter, seenBefore, scoreBelow } = filter;
  const { type, day, score } = person;
  if (kinds !== undefined && !kinds.includes(type)) return false;
  if (group !== undefined && !at.some((one) => one.group === group)) return false;
  if (seenAfter !== undefined && (day + 1) * dayMs <= seenAfter) return false;
  if (seenBefore !== undefined && day * dayMs >= seenBefore) return false;
  return scoreBelow === undefined || (score !== null && score < scoreBelow);
}

/** People that a search looks at in one turn. */
const peopleATurn = 10_000;

export const orders = ["seen", "name", "match"] as const;

/** The people in an order, and the place of each in it, which stays while others pass. */
export async function* inOrder(
  people: readonly ListedPerson[],
  { order, after }: { order: (typeof orders)[number]; after: string | null },
  deps: PeoplePorts,
): AsyncGenerator<{ listed: ListedPerson; place: string }> {
  if (order === "seen") {
    yield* bySeen(people, after, deps);
    return;
  }
  const key = ({ person, library }: ListedPerson) => personKeyIn(library, person.key);
  const nameOf = ({ person }: ListedPerson) => person.name ?? person.id;
  const sorted = people.toSorted(
    (a, b) =>
      (order === "match" ? (a.person.score ?? 101) - (b.person.score ?? 101) : 0) ||
      nameOrder.compare(nameOf(a), nameOf(b)) ||
      (key(a) < key(b) ? -1 : 1),
  );
  const start = startAfter(sorted, after, key);
  for (const [n, listed] of sorted.slice(start).entries()) yield { listed, place: cursorAt(start + n, key(listed)) };
}

/** The latest first. Exact times that are not known are read day by day, as far as they are asked for. */
async function* bySeen(people: readonly ListedPerson[], after: string | null, deps: PeoplePorts) {
  const [, time, last = ""] = /^(-?\d+) (.*)$/s.exec(after ?? "") ?? [];
  const from = time === undefined ? Number.POSITIVE_INFINITY : Number(time);
  const ofDays = Map.groupBy(people, ({ person }) => person.day);
  const boxes = await deps.boxes.reader.names();
  const libraries = await librariesOf(deps);
  for (const [day, ofDay] of [...ofDays].sort(([a], [b]) => b - a)) {
    if (day * dayMs > from) continue;
    const range = { boxes, from: day * dayMs, to: (day + 1) * dayMs, of: "known" as const };
    const isKnown = ofDay.every(({ person }) => person.at !== null);
    const passed = isKnown ? null : await readPassed(range, libraries, deps);
    const placed = ofDay.map((listed) => {
      const key = personKeyIn(listed.library, listed.person.key);
      const at = passed?.get(key)?.latest.at ?? listed.person.at ?? day * dayMs;
      return { listed, at, name: shortName(key) };
    });
    placed.sort((a, b) => b.at - a.at || (a.name < b.name ? -1 : 1));
    for (const { listed, at, name } of placed) {
      if (at < from || (at === from && name > last)) yield { listed, place: cursorAt(at, name) };
    }
  }
}

/** The passings of a listed person that its row shows: all of the last days, else the latest one. */
export async function passingsOfRow(
  { boxes, person }: ListedPerson,
  { from, ...deps }: PeoplePorts & { from: number },
): Promise<StoredPassing[]> {
  const range = { boxes, to: deps.clock() + dayMs, of: { key: person.key } };
  const recent = await readPassings({ ...range, from }, deps);
  if (recent.length > 0) return recent;
  const last = await lastPassingBefore({ boxes, key: person.key }, range.to, deps.passings);
  return last === null ? [] : [last];
}

/** The boxes of a library that the caller sees. */
export async function boxesOf(library: string, deps: Pick<ApiPorts, "sites" | "boxes">): Promise<string[]> {
  const [libraries, names] = await Promise.all([librariesOf(deps), deps.boxes.reader.names()]);
  const seen = new Set(names);
  return libraries.boxesOf(library).filter((box) => seen.has(box));
}

/** The site of a library, and its zone. */
export async function siteOf(library: string, { sites, boxes }: Pick<ApiPorts, "sites" | "boxes">) {
  const id = library.startsWith("~") ? library.slice(1) : await boxes.reader.siteOf(library);
  const site = (await sites.get(id)) ?? sites.unset(id);
  return { ...site, zone: Zone.find(site.zone) ?? Zone.utc };
}

/** All passings of a person of a library, the newest first by the time of the event. */
export async function passingsOf(
  { library, id }: { library: string; id: string },
  range: { from: number; to: number },
  deps: PeoplePorts,
): Promise<StoredPassing[]> {
  const boxes = await boxesOf(library, deps);
  return readPassings({ boxes, ...range, of: { key: comparable(id) } }, deps);
}
