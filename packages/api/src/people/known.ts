import { type PersonFacts, visibleName } from "@gatepost/core/people";
import type { Libraries } from "@gatepost/core/sites";
import { type FaceEvent, personKey } from "@gatepost/protocol";
import type { Caller } from "../access/caller.ts";
import { isAmong, managersOfPeople } from "../access/who.ts";
import type { ApiPorts } from "../ports.ts";
import { librariesOf, personKeyIn } from "./passed.ts";

/** An event with the name by which its person is known elsewhere. */
type NamedEvent = FaceEvent & { person: { known?: { name: string; library: string } } };

type Ports = Pick<ApiPorts, "passings" | "peopleSettings" | "boxes" | "sites">;

/** Adds the names of people whose passing has only the id, as they are known at the boxes that the caller sees. */
export async function withNames<Of extends { person: { library: string; facts: PersonFacts } }>(
  all: readonly Of[],
  libraries: Libraries,
  deps: Pick<Ports, "passings" | "boxes">,
): Promise<Of[]> {
  const asked = all.flatMap(({ person: { library, facts } }) =>
    facts.name === null ? [{ library, key: facts.key }] : [],
  );
  if (asked.length === 0) return [...all];
  const names = await namesOf(asked, libraries, deps);
  return all.map((one) => {
    const { library, facts } = one.person;
    const name = facts.name ?? names.get(personKeyIn(library, facts.key)) ?? null;
    return name === facts.name ? one : { ...one, person: { ...one.person, facts: { ...facts, name } } };
  });
}

/** The names of people, by `personKeyIn`; none of whom no name is known. */
async function namesOf(
  asked: readonly { library: string; key: string }[],
  libraries: Libraries,
  { passings, boxes: { reader } }: Pick<Ports, "passings" | "boxes">,
): Promise<Map<string, string>> {
  const isSeen = new Set(await reader.names());
  const people = new Map(
    asked.map(({ library, key }) => {
      const boxes = libraries.boxesOf(library).filter((one) => isSeen.has(one));
      return [personKeyIn(library, key), { key, boxes }];
    }),
  );
  const names = await passings.named([...people.values()]);
  return new Map([...people.keys()].flatMap((place, n) => (names[n] == null ? [] : [[place, names[n]]])));
}

/**
 * Adds the names that People know to events of known people that have only the id, for a caller who may read people. Names
 * are looked for in the library of the box, at the boxes that the caller sees.
 */
export async function withKnownNames(
  events: readonly FaceEvent[],
  caller: Pick<Caller, "account" | "key">,
  deps: Ports,
): Promise<NamedEvent[]> {
  const unnamed = events.flatMap(({ box, person }) => {
    const key = visibleName(person.name) === null ? personKey(person) : null;
    return key === null ? [] : { box: box.id, key };
  });
  if (unnamed.length === 0 || !isAmong(caller, managersOfPeople)) return [...events];
  if (!(await deps.peopleSettings.read()).isOn) return [...events];
  const libraries = await librariesOf(deps);
  const asked = unnamed.map(({ box, key }) => ({ library: libraries.of(box), key }));
  const nameOf = await namesOf(asked, libraries, deps);
  return events.map((event) => {
    const { box, person } = event;
    const library = libraries.of(box.id);
    const name = nameOf.get(personKeyIn(library, personKey(person) ?? "")) ?? null;
    return visibleName(person.name) !== null || name === null
      ? event
      : { ...event, person: { ...person, known: { name, library } } };
  });
}
