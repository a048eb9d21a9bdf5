import {
  directionOf,
  type KnownPerson,
  type Libraries,
  type Passing,
  type PassingRange,
  type PersonFacts,
  readLibraries,
  type StoredPassing,
} from "@gatepost/core/people";
import type { ApiPorts } from "../ports.ts";
import { inTurns } from "./in-turns.ts";

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

/** The name of a person of a library in answers and maps. */
export function personKeyIn(library: string, key: string): string {
  return `${library}/${key}`;
}

export function librariesOf({ sites, boxes }: Pick<ApiPorts, "sites" | "boxes">): Promise<Libraries> {
  return readLibraries({ sites, boxes: boxes.reader });
}

/** Gives passings the directions that their devices have now. */
export async function gated(
  passings: readonly StoredPassing[],
  { boxes }: Pick<ApiPorts, "boxes">,
): Promise<Passing[]> {
  const find = await boxes.labels.gates(passings.map(({ box }) => box));
  const shown: Passing[] = [];
  await inTurns(passings, passingsATurn, ({ event, box, at, isClockWrong, own, device }) => {
    const gate = find(box, device);
    shown.push({ event, box, at, isClockWrong, device: gate.key, direction: directionOf(own, gate) });
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
export async function passedIn(
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
        ...{ library, facts: one.person, latest: one, passings: [passing], boxes: [one.box] },
        ...{ names: name === null ? [] : [name], groups: group === null ? [] : [group] },
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

/** Known people by their libraries: one who is known at several boxes is one person, as known at the latest day. */
export function peopleIn(known: readonly KnownPerson[], libraries: Libraries): Map<string, KnownPerson[]> {
  const people = Map.groupBy(known, ({ box, key }) => personKeyIn(libraries.of(box), key));
  for (const at of people.values()) if (at.length > 1) at.sort(newestFirst);
  return people;
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
