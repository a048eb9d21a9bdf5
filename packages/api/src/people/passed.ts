import {
  type KnownPerson,
  latestNamed,
  type Passing,
  type PassingRange,
  type PersonFacts,
  passingAt,
  portraitKinds,
  type StoredPassing,
} from "@gatepost/core/people";
import { type Libraries, personKeyIn, readLibraries } from "@gatepost/core/sites";
import { namedWords } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { inTurns } from "./in-turns.ts";

/** A picture that shows a person. */
export const portraitKind = namedWords("PortraitKind", portraitKinds);

export { personKeyIn };

/** The ports by which people are read. */
export type PeoplePorts = Pick<ApiPorts, "passings" | "boxes" | "sites" | "clock">;

/** A person of a library, with its passings. */
export interface PassedPerson {
  library: string;
  /** The facts of the latest passing. */
  facts: PersonFacts;
  /** The names, groups and boxes of all these passings, each once. */
  names: string[];
  groups: string[];
  boxes: string[];
  passings: Passing[];
  latest: StoredPassing;
}

/** Passings that are looked at in one turn. */
const passingsATurn = 2000;

/** Names in any script, with numbers by their value, the same on every machine. */
export const nameOrder = new Intl.Collator("en", { numeric: true });

export function librariesOf({ sites, boxes }: Pick<ApiPorts, "sites" | "boxes">): Promise<Libraries> {
  return readLibraries({ sites, boxes: boxes.sites });
}

/** Gives passings the directions that their devices have now. */
export async function gated(
  passings: readonly StoredPassing[],
  { boxes }: Pick<ApiPorts, "boxes">,
): Promise<Passing[]> {
  const find = await boxes.labels.gates(passings.map(({ box }) => box));
  const shown: Passing[] = [];
  await inTurns(passings, passingsATurn, (passing) => {
    shown.push(passingAt(passing, find(passing.box, passing.device)));
  });
  return shown;
}

/** All passings of a range. */
export async function readPassings(range: PassingRange, { passings }: PeoplePorts): Promise<StoredPassing[]> {
  const found: StoredPassing[] = [];
  for await (const some of passings.read(range)) found.push(...some);
  return found;
}

/** The people with a passing in a range, by `personKeyIn`. */
export async function readPassed(
  range: PassingRange,
  libraries: Libraries,
  deps: PeoplePorts,
): Promise<Map<string, PassedPerson>> {
  return passedIn(await readPassings(range, deps), libraries, deps);
}

/** The people of some passings, by `personKeyIn`. */
async function passedIn(
  stored: readonly StoredPassing[],
  libraries: Libraries,
  deps: PeoplePorts,
): Promise<Map<string, PassedPerson>> {
  const shown = await gated(stored, deps);
  const people = new Map<string, PassedPerson>();
  await inTurns(stored.entries(), passingsATurn, ([n, one]) => {
    const passing = shown[n];
    if (one.person === null || passing === undefined) return;
    const library = libraries.of(one.box);
    const key = personKeyIn(library, one.person.key);
    const held = people.get(key);
    if (held === undefined) {
      const { name, group } = one.person;
      people.set(key, {
        library,
        facts: one.person,
        latest: one,
        passings: [passing],
        boxes: [one.box],
        names: name === null ? [] : [name],
        groups: group === null ? [] : [group],
      });
      return;
    }
    held.passings.push(passing);
    if (isLater(one, held.latest)) [held.latest, held.facts] = [one, one.person];
    addOnce(held.names, one.person.name);
    addOnce(held.groups, one.person.group);
    addOnce(held.boxes, one.box);
  });
  return people;
}

/** People whose passings are read one by one: at their boxes, thousands of others may pass. */
const fewPeople = 16;

/** Adds earlier passings to the read ones of some people, who are named by `personKeyIn`. */
export async function addEarlier(
  names: readonly string[],
  { passed, libraries }: { passed: ReadonlyMap<string, PassedPerson>; libraries: Libraries },
  { boxes, from, to }: Omit<PassingRange, "of">,
  deps: PeoplePorts,
): Promise<void> {
  const people = new Map(names.map((name) => [name, passed.get(name)]));
  const oneByOne = [...people.values()].flatMap((one): PassingRange[] => {
    if (one === undefined) return [];
    const among = boxes.filter((box) => libraries.of(box) === one.library);
    return [{ boxes: among, from, to, of: { key: one.facts.key } }];
  });
  const ranges = names.length > fewPeople ? [{ boxes, from, to, of: "known" as const }] : oneByOne;
  const stored = (await Promise.all(ranges.map((range) => readPassings(range, deps)))).flat();
  const passings = await gated(stored, deps);
  await inTurns(stored.entries(), passingsATurn, ([n, { box, person }]) => {
    const held = person === null ? undefined : people.get(personKeyIn(libraries.of(box), person.key));
    const passing = passings[n];
    if (held !== undefined && passing !== undefined) held.passings.push(passing);
  });
}

/** Known people by their libraries: one who is known at several boxes is one person, as known at the latest day. */
export function peopleIn(known: readonly KnownPerson[], libraries: Libraries): Map<string, KnownPerson[]> {
  const people = Map.groupBy(known, ({ box, key }) => personKeyIn(libraries.of(box), key));
  for (const at of people.values()) if (at.length > 1) at.sort(newestFirst);
  return people;
}

/** A person whom several boxes know, the newest one first: as of the latest passing, by the name that is known last. */
export function asOne(at: readonly KnownPerson[]): KnownPerson | undefined {
  const [person] = at;
  const named = latestNamed(at);
  if (person === undefined || named === undefined || named === person) return person;
  return { ...person, name: named.name, namedAt: named.namedAt, search: named.search };
}

function newestFirst(a: KnownPerson, b: KnownPerson): number {
  return b.day - a.day || (b.at ?? 0) - (a.at ?? 0) || (a.box < b.box ? -1 : 1);
}

function isLater(one: StoredPassing, other: StoredPassing): boolean {
  return one.at > other.at || (one.at === other.at && one.event > other.event);
}

function addOnce(texts: string[], text: string | null): void {
  if (text !== null && !texts.includes(text)) texts.push(text);
}
